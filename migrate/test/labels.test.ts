import { extname } from 'node:path'

import { models, resolve } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { readLabelledCases } from './labels.ts'
import type { LabelledCase } from './labels.ts'

const cases = readLabelledCases()
const places = cases.flatMap((each) => each.places)
const classes = ['call', 'definition', 'gate', 'prices', 'policy', 'text', 'test', 'comment', 'log']

describe('the labels that were written by hand', () => {
  test.each(cases.map((each) => [each.name, each] as const))('stand in the files of %s', (_, each) => {
    expect(resolve(each.to).ok).toBe(true)
    expect(
      each.places.filter((label) => !readLine(each, label.file, label.line).includes(label.text)),
    ).toEqual([])
    expect(each.places.filter((label) => !classes.includes(label.class))).toEqual([])
  })

  test('state a result for every edit, and a change', () => {
    const edits = cases.flatMap((each) =>
      each.places
        .filter(({ expect: wanted }) => wanted === 'edit')
        .map((label) => ({ ...label, before: readLine(each, label.file, label.line) })),
    )

    expect(edits.filter(({ becomes, adds }) => becomes === undefined && adds === undefined)).toEqual([])
    expect(edits.filter(({ becomes, before }) => becomes === before)).toEqual([])
  })

  test('are more than 320, in at least 18 languages and formats', () => {
    expect(places.length).toBeGreaterThan(320)
    expect(
      new Set(cases.flatMap((each) => [...each.files.keys()].map(toFormat))).size,
    ).toBeGreaterThanOrEqual(18)
    expect(places.filter(({ expect: wanted }) => wanted === 'none').length).toBeGreaterThan(60)
  })

  test('cover every model that is retired or deprecated', () => {
    const texts = places.filter(({ expect: wanted }) => wanted !== 'none').map(({ text }) => text)
    const covered = new Set(
      texts.flatMap((text) => {
        const found = resolve(text)
        return found.ok ? [found.model.id] : []
      }),
    )
    const ended = models.filter(({ lifecycle }) => lifecycle.anthropic.deprecated !== null)

    expect(ended.filter(({ id }) => !covered.has(id)).map(({ id }) => id)).toEqual([])
  })
})

function readLine({ files }: LabelledCase, file: string, line: number): string {
  return files.get(file)?.split('\n')[line - 1] ?? ''
}

function toFormat(path: string): string {
  if (path.includes('.github/workflows/')) return 'workflow'
  return extname(path) || path.slice(path.lastIndexOf('/') + 1)
}
