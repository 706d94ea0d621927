import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Model, Quote, QuoteOptions, RequestFacts, Usage } from '../../src/index.ts'
import { readFacts, models, computePrice, quote } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const asOf = '2026-11-22'

test('is exact for the prompt and a range for the output of a plain call', () => {
  const facts = { input_tokens: 1000, max_tokens: 500, cache_ttls: [], betas: [], tool_types: [] }

  // Opus 4.1: 1,000 x $15, and 1 to 500 tokens x $75, per million.
  expect(getBounds(facts, 'claude-opus-4-1')).toEqual([15_000_000n + 75_000n, 15_000_000n + 37_500_000n])
})

test('assumes that a marked prompt is read, or written at the most expensive marked time to live', () => {
  const facts = { input_tokens: 10_000, max_tokens: 1, betas: [] }

  // Opus 4.1, reads $1.50, writes $18.75 and $30, one token of output.
  expect(getBounds({ ...facts, cache_ttls: ['5m'] }, 'claude-opus-4-1')).toEqual([15_075_000n, 187_575_000n])
  expect(getBounds({ ...facts, cache_ttls: ['1h'] }, 'claude-opus-4-1')).toEqual([15_075_000n, 300_075_000n])
  expect(getBounds(facts, 'claude-opus-4-1')).toEqual([15_075_000n, 300_075_000n])
})

test('prices a marked prompt below the minimum cacheable length as plain input', () => {
  const facts = { input_tokens: 1023, max_tokens: 1, cache_ttls: ['1h'], betas: [] }

  expect(getBounds(facts, 'claude-opus-4-1')).toEqual([15_420_000n, 15_420_000n])
  expect(getBounds({ ...facts, input_tokens: 1024 }, 'claude-opus-4-1')[1]).toBe(30_795_000n)
})

test('does not apply the minimum cacheable length to Bedrock, which has its own', () => {
  const facts = { input_tokens: 100, max_tokens: 1, cache_ttls: ['1h'], betas: [] }
  const [low, high] = getBounds(facts, 'claude-opus-4-1', { platform: 'bedrock' })

  expect(low < high).toBe(true)
})

test('limits the tokens of a prompt by its bytes', () => {
  const body = { max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }

  const quoted = known(quote(readFacts(body), modelNamed('claude-opus-5-5'), { asOf }))

  expect(quoted.promptTokens).toEqual({ low: 1, high: JSON.stringify({ messages: body.messages }).length })
  expect(quoted.outputTokens).toEqual({ low: 1, high: 10 })
})

test('adds the tokens of tools, and the maximum per image', () => {
  const facts = {
    input_bytes: 100,
    max_tokens: 1,
    has_tools: true,
    tool_types: ['bash_20250124'],
    image_count: 2,
  }

  // Opus 4.8: 290 or 410 for tools, 325 for bash, 4,784 for an image in high resolution.
  expect(getPrompt(facts, 'claude-opus-4-8')).toBe(100 + 410 + 325 + 2 * 4784)
  // Opus 4.1 in 2025: 346 or 313, and an image of 784 x 1568 pixels.
  expect(getPrompt(facts, 'claude-opus-4-1')).toBe(100 + 346 + 325 + 2 * 1640)
})

test.each<[RequestFacts, string]>([
  [{}, 'nothing is known of it'],
  [{ input_bytes: 100, document_count: 1 }, 'a document has no length in the body'],
  [{ input_bytes: 100, tool_types: ['memory_20250818'] }, 'a tool adds nobody knows how much'],
  [{ input_bytes: 9_000_000 }, 'it has more bytes than the window tokens'],
])('uses the window as the maximum prompt of %j, because %s', (facts) => {
  expect(getPrompt({ has_tools: false, betas: [], ...facts }, 'claude-opus-5-5')).toBe(1_000_000)
  expect(getPrompt({ has_tools: false, betas: [], ...facts }, 'claude-opus-4-5')).toBe(200_000)
})

test('allows the long window and its prices if the header was or may have been sent', () => {
  const facts = { max_tokens: 1, cache_ttls: [] }
  const options = { asOf: '2025-08-15' }
  const getHigh = (betas?: readonly string[]): bigint =>
    getBounds({ ...facts, betas }, 'claude-sonnet-4-0', options)[1]

  // 200,000 x $3 and $15 once; a million x $6 and $22.50 once.
  expect(getHigh([])).toBe(600_015_000n)
  expect(getHigh(['context-1m-2025-08-07'])).toBe(6_000_022_500n)
  expect(getHigh()).toBe(6_000_022_500n)
})

test('counts each round of a server tool, and its searches', () => {
  const facts = {
    input_tokens: 1000,
    max_tokens: 1,
    cache_ttls: [],
    betas: [],
    tool_types: ['web_search_20250305'],
  }

  const bounded = known(quote({ ...facts, web_search_max_uses: 3 }, modelNamed('claude-opus-4-5'), { asOf }))
  const open = known(quote(facts, modelNamed('claude-opus-4-5'), { asOf }))

  // Ten rounds of 200,000 tokens at $5, a token of output at $25, three or ten searches at $0.01.
  expect(bounded.highNanoUsd).toBe(10_000_000_000n + 25_000n + 30_000_000n)
  expect(open.highNanoUsd).toBe(10_000_000_000n + 25_000n + 100_000_000n)
  expect(bounded.notes).toHaveLength(1)
  expect(open.notes.at(-1)).toMatch(/max_uses/)
})

test('has no output if the call only warms the cache', () => {
  const facts = { input_tokens: 1000, max_tokens: 0, cache_ttls: [], betas: [] }

  expect(getBounds(facts, 'claude-opus-5-5')).toEqual([4_000_000n, 4_000_000n])
})

test('limits the output to the maximum of the model if max_tokens is unknown or higher', () => {
  const getOutput = (facts: RequestFacts): number =>
    known(quote({ betas: [], ...facts }, modelNamed('claude-opus-4-8'), { asOf })).outputTokens.high

  expect(getOutput({})).toBe(128_000)
  expect(getOutput({ max_tokens: 500_000 })).toBe(128_000)
  expect(getOutput({ max_tokens: 300_000, batch: true, betas: ['output-300k-2026-03-24'] })).toBe(300_000)
})

test('halves a batch, and allows for a fast call answered at standard speed', () => {
  const facts = { input_tokens: 1_000_000, max_tokens: 1, cache_ttls: [], betas: [] }

  expect(getBounds({ ...facts, batch: true }, 'claude-opus-5-5')).toEqual([2_000_010_000n, 2_000_010_000n])
  expect(getBounds({ ...facts, speed: 'fast' }, 'claude-opus-5-5')).toEqual([4_000_020_000n, 8_000_040_000n])
})

test('returns unknown_price if any price is not known', () => {
  const facts = { input_tokens: 1, max_tokens: 1 }

  expect(quote(facts, modelNamed('claude-mythos-preview'), { asOf })).toMatchObject({
    ok: false,
    because: 'unknown_price',
  })
  expect(quote({ ...facts, speed: 'fast' }, modelNamed('claude-opus-4-1'), { asOf })).toMatchObject({
    ok: false,
  })
})

test('holds for any usage that the facts allow: low <= price <= high', () => {
  const priced = models.filter(({ rateCards }) => rateCards.length > 0)
  const cases = fc.record({
    model: fc.constantFrom(...priced),
    prompt: fc.integer({ min: 1, max: 1_000_000 }),
    known: fc.boolean(),
    spread: fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
    ttls: fc.constantFrom([], ['5m'], ['1h'], ['5m', '1h'], undefined),
    maxTokens: fc.integer({ min: 1, max: 128_000 }),
    outputShare: fc.double({ min: 0, max: 1, noNaN: true }),
    batch: fc.boolean(),
    betas: fc.constantFrom([], ['context-1m-2025-08-07'], undefined),
    options: fc.record({
      platform: fc.constantFrom('anthropic', 'bedrock', 'vertex'),
      region: fc.constantFrom('global', 'regional'),
    }),
  })

  fc.assert(
    fc.property(
      cases,
      ({ model, prompt, known: isKnown, spread, ttls, maxTokens, outputShare, batch, betas, options }) => {
        const inside = Math.min(prompt, getWindow(model))
        const facts: RequestFacts = {
          max_tokens: maxTokens,
          cache_ttls: ttls,
          batch,
          betas,
          has_tools: false,
          ...(isKnown ? { input_tokens: inside } : { input_bytes: prompt + 10 }),
        }
        const ceiling = known(quote(facts, model, { asOf, ...options })).outputTokens.high
        const usage: Usage = {
          ...split(inside, spread, ttls ?? ['5m', '1h'], model),
          output_tokens: Math.max(1, Math.floor(ceiling * outputShare)),
        }

        const quoted = known(quote(facts, model, { asOf, ...options }))
        const price = computePrice(usage, model, { asOf, ...options, batch, betas })

        if (!price.ok) throw new Error(price.detail)
        expect(quoted.lowNanoUsd <= price.totalNanoUsd).toBe(true)
        expect(price.totalNanoUsd <= quoted.highNanoUsd).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})

test('never throws for any facts', () => {
  const number = fc.option(fc.double(), { nil: undefined })
  const facts = fc.record({
    max_tokens: number,
    input_tokens: number,
    input_bytes: number,
    image_count: fc.nat(10),
    web_search_max_uses: number,
    speed: fc.constantFrom('fast', 'standard', 'warp', undefined),
    inference_geo: fc.constantFrom('us', 'global', 'mars', undefined),
    tool_types: fc.constantFrom(['web_search_20250305'], [], undefined),
  })

  fc.assert(
    fc.property(facts, fc.constantFrom(...models), (sent, model) => {
      expect(typeof quote(sent, model, { asOf }).ok).toBe('boolean')
    }),
  )
})

/** The window without a header, so every prompt up to it is accepted. */
function getWindow(model: Model): number {
  return model.contextWindow.tokens
}

/** Divides the prompt among the kinds that the marks allow, in the given proportions. */
function split(prompt: number, spread: readonly number[], ttls: readonly string[], model: Model): Usage {
  const cached = ttls.length > 0 && prompt >= (model.minCacheableTokens ?? 0)
  const shares = spread.map((share, at) => {
    if (at === 0) return share + 1
    if (!cached) return 0
    return at === 1 || ttls.includes(at === 2 ? '5m' : '1h') ? share : 0
  })
  const total = shares.reduce((sum, share) => sum + share, 0)
  const [, read = 0, for5m = 0, for1h = 0] = shares.map((share) => Math.floor((prompt * share) / total))
  return {
    input_tokens: prompt - read - for5m - for1h,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: for5m, ephemeral_1h_input_tokens: for1h },
  }
}

function getBounds(facts: RequestFacts, name: string, options: QuoteOptions = {}): readonly [bigint, bigint] {
  const { lowNanoUsd, highNanoUsd } = known(quote(facts, modelNamed(name), { asOf, ...options }))
  return [lowNanoUsd, highNanoUsd]
}

function getPrompt(facts: RequestFacts, name: string): number {
  return known(quote(facts, modelNamed(name), { asOf })).promptTokens.high
}

function known(quoted: Quote): Extract<Quote, { ok: true }> {
  if (!quoted.ok) throw new Error(quoted.detail)
  return quoted
}
