import { computePrice, models, resolve } from '@anthology/catalog'
import type { Model, Usage } from '@anthology/catalog'
import { indexBody } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { boundCost, computeCost, tokensFor } from '../../src/budgets/hold.ts'
import type { HoldPlace } from '../../src/budgets/hold.ts'
import { readPromptFacts } from '../../src/budgets/prompt-facts.ts'
import { readMembers } from '../../src/calls/call.ts'

const asOf = '2026-11-29'

function read(request: object | string) {
  const body = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request))
  const index = indexBody(body, readMembers)
  if (!index.ok) throw new Error(index.message)
  return readPromptFacts(body, index)
}

function place(model: Model): HoldPlace {
  return { upstream: model.id, model, platform: 'anthropic', region: undefined, rates: undefined }
}

/** A usage that a prompt of so many bytes can have: read, written or plain, and its output. */
const shares = fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 }), fc.nat({ max: 100 }))

test('a call never costs more than its bound, whatever its tokens and its cache are', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.record({
        letters: fc.integer({ min: 1, max: 200_000 }),
        outputTokens: fc.integer({ min: 1, max: 5_000 }),
      }),
      fc.constantFrom(undefined, { type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' }),
      shares,
      (model, { letters, outputTokens }, cache_control, [plain, written, cached]) => {
        const content = [{ type: 'text', text: 'x'.repeat(letters), ...(cache_control && { cache_control }) }]
        const prompt = read({ model: model.id, messages: [{ role: 'user', content }] })
        const options = { max_tokens: outputTokens }
        const found = boundCost({ prompt, options, betas: [], asOf }, place(model))
        if (!found.ok) return
        const parts = Math.max(1, plain + written + cached)
        // A longer prompt is rejected.
        const all = Math.min(prompt.textBytes, model.contextWindow.tokens)
        const tokens = (part: number) => Math.floor((all * part) / parts)
        const ttl = cache_control !== undefined && 'ttl' in cache_control ? '1h' : '5m'
        const usage: Usage = {
          input_tokens: tokens(cache_control === undefined ? parts : plain),
          ...(cache_control !== undefined && {
            cache_read_input_tokens: tokens(cached),
            cache_creation: { [`ephemeral_${ttl}_input_tokens`]: tokens(written) },
          }),
          output_tokens: outputTokens,
        }
        const price = computePrice(usage, model, { asOf, platform: 'anthropic', betas: [] })
        if (!price.ok) return
        expect(computeCost(found.bound, outputTokens)).toBeGreaterThanOrEqual(Number(price.totalNanoUsd))
      },
    ),
    { numRuns: 500 },
  )
})

test('the tokens that an amount pays for cost no more than it', () => {
  const amounts = fc.nat({ max: 10 ** 12 })
  fc.assert(
    fc.property(amounts, fc.integer({ min: 1, max: 10 ** 9 }), (nanoUsd, outputPicoUsd) => {
      const bound = { promptNanoUsd: 0, outputPicoUsd, maxOutputTokens: 0 }
      expect(computeCost(bound, tokensFor(bound, nanoUsd))).toBeLessThanOrEqual(nanoUsd + 1)
    }),
  )
})

const question = { role: 'user', content: 'Hi' }
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(4_000) } }
const document = { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }

test.each([
  ['text', { messages: [question] }, { images: 0, open: null, cacheTtl: null }],
  ['an image', { messages: [{ role: 'user', content: [image] }] }, { images: 1, open: null }],
  ['a document', { messages: [{ role: 'user', content: [document] }] }, { open: {} }],
  [
    'a tool',
    { messages: [question], tools: [{ name: 'a', input_schema: {} }] },
    { hasTools: true, open: null },
  ],
  [
    'a server tool',
    { messages: [question], tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] },
    { open: { tool_types: ['web_search_20250305'], web_search_max_uses: 2 } },
  ],
  ['an MCP server', { messages: [question], mcp_servers: [{}] }, { open: { body_members: ['mcp_servers'] } }],
  ['a mark of the cache', { messages: [question], cache_control: { type: 'ephemeral' } }, { cacheTtl: '5m' }],
  [
    'a mark of an hour',
    { messages: [question], cache_control: { type: 'ephemeral', ttl: '1h' } },
    { cacheTtl: '1h' },
  ],
])('reads %s from the bytes', (_, request, facts) => {
  expect(read(request)).toMatchObject(facts)
})

test('a name that is written with escapes raises the bound as well', () => {
  expect(read('{"messages":[{"role":"user","content":[{"type":"\\u0064ocument"}]}]}')).toMatchObject({
    open: {},
    cacheTtl: '1h',
  })
  // Clients that write ASCII only use escapes for other letters.
  expect(read('{"messages":[{"role":"user","content":"caf\\u00e9"}]}')).toMatchObject({
    open: null,
    cacheTtl: null,
  })
})

test('the data of an image counts as tokens of an image, not as text', () => {
  const { textBytes } = read({ messages: [{ role: 'user', content: [image] }] })

  expect(textBytes).toBeLessThan(300)
})

const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-1' }
const search = { type: 'web_search_20250305', name: 'web_search' }

function defining(definition: object) {
  const tool = { type: 'tool_definition', definition }
  return { messages: [question, { role: 'system', content: [{ type: 'tool_addition', tool }] }] }
}

const opusRun = { model: 'claude-opus-4-1', input_tokens: 100, output_tokens: 1_000 }
const adviceRun = { ...opusRun, type: 'advisor_message', input_tokens: 150_000, output_tokens: 30_000 }
const compactionRun = { type: 'compaction', input_tokens: 100, output_tokens: 1_000 }

test.each<[string, object, Usage]>([
  [
    'a fallback',
    { messages: [question], fallbacks: [{ model: 'claude-opus-4-1' }] },
    {
      iterations: [
        { ...compactionRun, type: 'message' },
        { ...opusRun, type: 'fallback_message' },
      ],
    },
  ],
  [
    'a fallback with a larger answer',
    { messages: [question], fallbacks: [{ model: 'claude-opus-4-1', max_tokens: 20_000 }] },
    { iterations: [{ ...opusRun, type: 'fallback_message', output_tokens: 20_000 }] },
  ],
  [
    'a fallback that the service chooses',
    { messages: [question], fallbacks: 'default' },
    { iterations: [{ ...opusRun, type: 'fallback_message' }] },
  ],
  [
    'an advisor',
    { messages: [question], tools: [advisor] },
    { iterations: Array.from({ length: 10 }, () => adviceRun) },
  ],
  ['an advisor of a message', defining(advisor), { iterations: Array.from({ length: 10 }, () => adviceRun) }],
  [
    'a compaction',
    { messages: [question], context_management: { edits: [{ type: 'compact_20260112' }] } },
    { input_tokens: 100, output_tokens: 1_000, iterations: [compactionRun] },
  ],
  [
    'searches of a message',
    defining(search),
    { input_tokens: 190_000, output_tokens: 1_000, server_tool_use: { web_search_requests: 10 } },
  ],
])('the bound covers the runs of %s', (_, request, usage) => {
  const { bound, price } = boundHaiku(request, usage)

  expect(bound).toBeGreaterThanOrEqual(price)
})

test('an advisor holds no more than its own limits allow', () => {
  const limited = { ...advisor, max_uses: 1, max_tokens: 1_000 }
  const once = boundHaiku({ messages: [question], tools: [limited] }, {})
  const often = boundHaiku({ messages: [question], tools: [advisor] }, {})

  expect(once.bound).toBeLessThan(often.bound / 5)
})

test('no price of a fallback is guessed', () => {
  const prompt = read({ messages: [question], fallbacks: [{ model: 'claude-unheard-of' }] })

  const found = boundCost({ prompt, options: { max_tokens: 10 }, betas: [], asOf }, place(findHaiku()))

  expect(found).toMatchObject({ ok: false, detail: expect.stringContaining('claude-unheard-of') })
})

test('a digit that is written with an escape hides no tool of the platform', () => {
  const type = JSON.stringify(search.type).replace('_20', '_\\u00320')
  const { open } = read(`{"messages":[],"tools":[{"type":${type},"name":"web_search"}]}`)

  expect(open).toMatchObject({ tool_types: [search.type] })
  // Some clients escape what HTML has a meaning for.
  expect(read('{"messages":[{"role":"user","content":"\\u003cb\\u003e"}]}').open).toBeNull()
})

/** The bound of a call of Claude Haiku 4.5, and what it costs with a usage. */
function boundHaiku(request: object, usage: Usage) {
  const model = findHaiku()
  const found = boundCost(
    { prompt: read(request), options: { max_tokens: 1_000 }, betas: [], asOf },
    place(model),
  )
  const price = computePrice(usage, model, { asOf, platform: 'anthropic', betas: [] })
  if (!found.ok || !price.ok) throw new Error(JSON.stringify([found, price]))
  return {
    bound: computeCost(found.bound, found.bound.maxOutputTokens),
    price: Number(price.totalNanoUsd),
  }
}

function findHaiku(): Model {
  const found = resolve('claude-haiku-4-5')
  if (!found.ok) throw new Error('no model')
  return found.model
}
