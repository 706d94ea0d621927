import { resolve } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'

// "Migrating to Claude 4" moves claude-3-7-sonnet-20250219 to two models; from there on to the models of today. The names
// per platform are those of the page's table, and those of the pages of 2026.

const day = '2026-11-29'

type Names = Readonly<Record<Exclude<Platform, 'foundry'>, string>>

const sonnet37: Names = {
  anthropic: 'claude-3-7-sonnet-20250219',
  bedrock: 'anthropic.claude-3-7-sonnet-20250219-v1:0',
  vertex: 'claude-3-7-sonnet@20250219',
}
const sonnet4: Names = {
  anthropic: 'claude-sonnet-4-20250514',
  bedrock: 'anthropic.claude-sonnet-4-20250514-v1:0',
  vertex: 'claude-sonnet-4@20250514',
}
const opus41: Names = {
  anthropic: 'claude-opus-4-1-20250805',
  bedrock: 'anthropic.claude-opus-4-1-20250805-v1:0',
  vertex: 'claude-opus-4-1@20250805',
}
const sonnet55: Names = {
  anthropic: 'claude-sonnet-5-5',
  bedrock: 'anthropic.claude-sonnet-5-5',
  vertex: 'claude-sonnet-5-5',
}
const opus55: Names = {
  anthropic: 'claude-opus-5-5',
  bedrock: 'anthropic.claude-opus-5-5',
  vertex: 'claude-opus-5-5',
}

const moves = [
  ['Sonnet 3.7 to Sonnet 4', sonnet37, sonnet4],
  ['Sonnet 3.7 to Opus 4.1', sonnet37, opus41],
  ['Sonnet 4 to Sonnet 5.5', sonnet4, sonnet55],
  ['Opus 4.1 to Opus 5.5', opus41, opus55],
  ['Sonnet 3.7 to Opus 5.5', sonnet37, opus55],
] as const

describe.each(moves)('%s', (_, from, to) => {
  test('on the Claude API, with the pinned id', () => {
    expect(move(`model = "${from.anthropic}"\n`, to.anthropic)).toBe(`model = "${to.anthropic}"\n`)
  })

  test('on Bedrock, with and without the profile of the United States', () => {
    expect(move(`model = "us.${from.bedrock}"\n`, to.anthropic)).toBe(`model = "us.${to.bedrock}"\n`)
    expect(move(`model = "${from.bedrock}"\n`, to.anthropic)).toBe(`model = "${to.bedrock}"\n`)
  })

  test('on Google Cloud, with the date behind an at sign where the model has one', () => {
    expect(move(`model = "${from.vertex}"\n`, to.anthropic)).toBe(`model = "${to.vertex}"\n`)
  })

  test('on Microsoft Foundry the name is that of a deployment, and stays', () => {
    const source = `client = AnthropicFoundry(resource="r")\nclient.messages.create(model="${from.anthropic}", max_tokens=1, messages=[])\n`

    expect(move(source, to.anthropic)).toBe(source)
  })
})

test('an alias stays an alias, and becomes a pinned id if that is asked for', () => {
  const source = 'model = "claude-3-7-sonnet-latest"\n'

  expect(move(source, 'claude-sonnet-4-20250514')).toBe('model = "claude-sonnet-4-0"\n')
  expect(move(source, 'claude-sonnet-4-20250514', true)).toBe('model = "claude-sonnet-4-20250514"\n')
})

test('the move of the page changes nothing else in a call that Claude 4 accepts', () => {
  const source =
    'client.messages.create(\n    model="claude-3-7-sonnet-20250219",\n    max_tokens=2048,\n    temperature=0.5,\n    top_p=0.9,\n    messages=[{"role": "user", "content": "Hi"}],\n)\n'

  expect(move(source, 'claude-sonnet-4-20250514')).toBe(
    source.replace('claude-3-7-sonnet-20250219', 'claude-sonnet-4-20250514'),
  )
})

test('Opus 4.1 takes temperature or top_p, so a call with both keeps its temperature', () => {
  const source =
    'client.messages.create(model="claude-3-7-sonnet-20250219", max_tokens=2048, temperature=0.5, top_p=0.9, messages=[])\n'

  expect(move(source, 'claude-opus-4-1-20250805')).toBe(
    'client.messages.create(model="claude-opus-4-1-20250805", max_tokens=2048, temperature=0.5, messages=[])\n',
  )
})

test('max_tokens is lowered to the ceiling of Opus 4.1', () => {
  const source =
    'client.messages.create(model="claude-3-7-sonnet-20250219", max_tokens=64_000, messages=[])\n'

  expect(move(source, 'claude-opus-4-1-20250805')).toContain('max_tokens=32_000')
})

function move(source: string, to: string, pin = false): string {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  return migrateText('app.py', source, { target: found.model, pin, day }).text
}
