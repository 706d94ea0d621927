import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createSummaryCounter, formatMarkdown, formatSummary, listAdvice, migrateText } from '../src/index.ts'

const day = '2026-11-29'

function find(id: string): Model {
  const model = models.find((each) => each.id === id)
  if (model === undefined) throw new Error(`no model ${id}`)
  return model
}

function listTexts(from: string, to: string): readonly string[] {
  return listAdvice(find(from), find(to)).map(({ text }) => text)
}

test('a move over several generations has the advice of its steps that still holds', () => {
  const far = listTexts('claude-3-7-sonnet-20250219', 'claude-sonnet-5-5')
  const steps = [
    ['claude-3-7-sonnet-20250219', 'claude-sonnet-4-20250514'],
    ['claude-sonnet-4-20250514', 'claude-sonnet-4-5-20250929'],
    ['claude-sonnet-5', 'claude-sonnet-5-5'],
  ].flatMap(([from = '', to = '']) => listTexts(from, to).filter((text) => !text.startsWith('What changes')))

  expect(far).toEqual(expect.arrayContaining(steps))
  expect(far.length).toBeGreaterThan(new Set(steps).size)
})

test('a move to the same generation repeats nothing that was true before', () => {
  expect(listAdvice(find('claude-opus-4-7'), find('claude-opus-4-7')).map(({ topic }) => topic)).toEqual([
    'reading',
    'reading',
  ])
})

test('every advice has a page of the documentation', () => {
  for (const from of models)
    for (const to of models)
      for (const { link, text } of listAdvice(from, to)) {
        expect(link).toMatch(/^https:\/\/platform\.claude\.com\/docs\/en\//)
        expect(text).not.toBe('')
      }
})

test('text, Markdown and JSON have the advice of all moves, each sentence once', () => {
  const move = { target: find('claude-opus-5-5'), day }
  const source = 'A = "claude-opus-4-1-20250805"\nB = "claude-sonnet-4-20250514"\n'
  const { findings } = migrateText('a.py', source, move)
  const counter = createSummaryCounter(move)
  counter.add(findings)
  const summary = counter.finish({ read: 1, binary: 0, large: 0 })
  const text = formatSummary(summary, (each) => each).join('\n')
  const [first] = summary.moves[0]?.advice ?? []

  expect(summary.moves).toHaveLength(2)
  for (const report of [text, formatMarkdown(findings, summary)])
    expect(report.split(first?.text ?? 'none')).toHaveLength(2)
})
