import { expect, test } from 'vitest'

import { GatewayError } from '../../src/errors.ts'
import { createNameResolver } from '../../src/routing/name-resolver.ts'
import { createForeignModel } from '../../src/upstreams/foreign-model.ts'

test('finds aliases first, then the names of the catalog', () => {
  const resolveModel = createNameResolver({ aliases: { 'our-best': 'Opus 4.1', 'claude-opus-5': 'sonnet' } })

  expect(resolveModel('our-best')).toMatchObject({ ok: true, canonical: 'claude-opus-4-1-20250805' })
  expect(resolveModel('claude-opus-5')).toMatchObject({ ok: true, model: { family: 'sonnet' } })
  expect(resolveModel('claude-opus-4-8')).toMatchObject({ ok: true, canonical: 'claude-opus-4-8' })
  expect(resolveModel('toString')).toMatchObject({ ok: false })
})

test('rejects an alias of an unknown model, with its place and a suggestion', () => {
  const create = () => createNameResolver({ aliases: { ours: 'claude-opus-41' } })

  expect(create).toThrow(GatewayError)
  expect(create).toThrow("routing.aliases: 'ours' stands for 'claude-opus-41', which is not a model")
  expect(create).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('Did you mean claude-opus-4-1') }),
  )
})

test('an alias with a share moves that share of the conversations, each always the same way', () => {
  const aliases = { 'claude-sonnet-4-0': { to: 'claude-sonnet-4-5', share: '10%' } }
  const resolveModel = createNameResolver({ aliases })
  const find = (conversation: string) => {
    const found = resolveModel.forConversation(() => conversation)('claude-sonnet-4-0')
    return found.ok ? found.model.id : null
  }

  const found = Array.from({ length: 5_000 }, (_, at) => find(`conversation ${at}`))

  const moved = found.filter((id) => id === 'claude-sonnet-4-5-20250929').length
  expect(moved / 5_000).toBeCloseTo(0.1, 1)
  expect(found.filter((id) => id === 'claude-sonnet-4-20250514')).toHaveLength(5_000 - moved)
  expect(Array.from({ length: 5_000 }, (_, at) => find(`conversation ${at}`))).toEqual(found)
  expect(resolveModel('claude-sonnet-4-0')).toMatchObject({ model: { id: 'claude-sonnet-4-20250514' } })
})

test('an alias with a day applies from it on', () => {
  let now = Date.parse('2026-11-30T23:59:59Z')
  const aliases = { 'our-best': { to: 'claude-sonnet-4-5', from: '2026-12-01' } }
  const resolveModel = createNameResolver({ aliases }, { nowMs: () => now })

  expect(resolveModel('our-best')).toMatchObject({ ok: false })
  now += 1_000
  expect(resolveModel('our-best')).toMatchObject({ model: { id: 'claude-sonnet-4-5-20250929' } })
})

test('finds a model outside the catalog by its exact name, with or without [1m], and by an alias', () => {
  const model = createForeignModel('qwen3-coder', facts, true)
  const resolveModel = createNameResolver(
    { aliases: { ours: 'qwen3-coder' } },
    { foreign: new Map([['qwen3-coder', model]]) },
  )

  for (const name of ['qwen3-coder', 'qwen3-coder[1m]', 'ours'])
    expect(resolveModel(name)).toMatchObject({ ok: true, canonical: 'qwen3-coder' })
  expect(resolveModel('qwen3')).toMatchObject({ ok: false, because: 'unknown' })
  expect(resolveModel('claude-opus-4-1')).toMatchObject({ canonical: 'claude-opus-4-1-20250805' })
})

const facts = {
  contextTokens: null,
  maxOutputTokens: null,
  vision: true,
  thinking: true,
  tools: true,
  countTokens: true,
}
