import { expect, test } from 'vitest'
import { listTexts } from '../../request.ts'

test.each([
  ['claude-opus-4-1', 'claude-opus-4-1-20250805', 32_000],
  ['claude-opus-4-0', 'claude-opus-4-20250514', 32_000],
  ['claude-sonnet-4-0', 'claude-sonnet-4-20250514', 64_000],
  ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219', 64_000],
  ['claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022', 8192],
  ['claude-3-haiku-20240307', 'claude-3-haiku-20240307', 4096],
  ['claude-3-opus-latest', 'claude-3-opus-20240229', 4096],
])('%s rejects max_tokens above its maximum', (name, id, most) => {
  expect(listTexts({ max_tokens: most }, name)).toEqual([])
  expect(listTexts({ max_tokens: most + 1 }, name)).toEqual([
    `max_tokens: ${most + 1} > ${most}, which is the maximum allowed number of output tokens for ${id}`,
  ])
})

test('raises the maximum of Sonnet 3.7 to 128,000 with its beta', () => {
  const betas = ['output-128k-2025-02-19']

  expect(listTexts({ max_tokens: 128_000, betas }, 'claude-3-7-sonnet-latest')).toEqual([])
  expect(listTexts({ max_tokens: 128_001, betas }, 'claude-3-7-sonnet-latest')).toEqual([
    'max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-3-7-sonnet-20250219',
  ])
})

test('leaves the maximum of another model alone when that beta is sent', () => {
  const facts = { max_tokens: 64_001, betas: ['output-128k-2025-02-19'] }

  expect(listTexts(facts, 'claude-sonnet-4-0')).toHaveLength(1)
})

test.each(['claude-opus-4-1', 'claude-3-7-sonnet-latest', 'claude-3-haiku-20240307'])(
  '%s rejects a prompt longer than its window',
  (name) => {
    expect(listTexts({ input_tokens: 200_000 }, name)).toEqual([])
    expect(listTexts({ input_tokens: 208_310 }, name)).toEqual([
      'prompt is too long: 208310 tokens > 200000 maximum',
    ])
  },
)

test('gives Sonnet 4 a window of a million tokens with its beta', () => {
  const betas = ['context-1m-2025-08-07']

  expect(listTexts({ input_tokens: 900_000, max_tokens: 64_000, betas }, 'claude-sonnet-4-0')).toEqual([])
  expect(listTexts({ input_tokens: 1_000_001, betas }, 'claude-sonnet-4-0')).toEqual([
    'prompt is too long: 1000001 tokens > 1000000 maximum',
  ])
  expect(listTexts({ input_tokens: 200_001 }, 'claude-sonnet-4-0')).toHaveLength(1)
  expect(listTexts({ input_tokens: 200_001, betas }, 'claude-opus-4-0')).toHaveLength(1)
})

test('ends that beta on 2026-04-30, and keeps it for a retired model served with the facts of its era', () => {
  const facts = { input_tokens: 200_001, betas: ['context-1m-2025-08-07'] }

  expect(listTexts(facts, 'claude-sonnet-4-0', { asOf: '2026-04-29' })).toEqual([])
  expect(listTexts(facts, 'claude-sonnet-4-0', { asOf: '2026-04-30' })).toHaveLength(1)
  expect(listTexts(facts, 'claude-sonnet-4-0', { asOf: '2026-11-22', lifecycle: 'ignore' })).toEqual([])
  expect(listTexts(facts, 'claude-sonnet-4-0', { asOf: '2026-11-22', lifecycle: 'warn' })).toHaveLength(1)
})

test.each(['claude-opus-4-1', 'claude-opus-4-0', 'claude-sonnet-4-0', 'claude-3-7-sonnet-latest'])(
  '%s rejects a prompt that does not fit with max_tokens',
  (name) => {
    expect(listTexts({ input_tokens: 178_959, max_tokens: 21_041 }, name)).toEqual([])
    expect(listTexts({ input_tokens: 178_959, max_tokens: 30_000 }, name)).toEqual([
      'input length and `max_tokens` exceed context limit: 178959 + 30000 > 200000, decrease input length or `max_tokens` and try again',
    ])
  },
)

test.each([
  'claude-3-5-haiku-latest',
  'claude-3-haiku-20240307',
  'claude-3-5-sonnet-latest',
  'claude-3-opus-latest',
])('%s cuts the answer at the window instead', (name) => {
  expect(listTexts({ input_tokens: 199_999, max_tokens: 4096 }, name)).toEqual([])
})

test('accepts the sum with the beta that stops at the end of the window', () => {
  const betas = ['model-context-window-exceeded-2025-08-26']

  expect(listTexts({ input_tokens: 199_999, max_tokens: 4096, betas }, 'claude-opus-4-1')).toEqual([])
  expect(listTexts({ input_tokens: 200_001, max_tokens: 4096, betas }, 'claude-opus-4-1')).toEqual([
    'prompt is too long: 200001 tokens > 200000 maximum',
  ])
})

const asOf = '2026-11-22'

test.each([
  ['claude-sonnet-4-5', 64_000],
  ['claude-opus-4-6', 128_000],
  ['claude-haiku-5-5', 128_000],
  ['claude-mythos-5-2', 128_000],
])('%s has a maximum output of %d tokens', (name, most) => {
  expect(listTexts({ max_tokens: most }, name, { asOf })).toEqual([])
  expect(listTexts({ max_tokens: most + 1 }, name, { asOf })).toHaveLength(1)
})

test('raises the maximum to 300,000 in a batch, with its beta, on the models that have it', () => {
  const facts = { max_tokens: 300_000, batch: true, betas: ['output-300k-2026-03-24'] }

  expect(listTexts(facts, 'claude-opus-5-5', { asOf })).toEqual([])
  expect(listTexts({ ...facts, max_tokens: 300_001 }, 'claude-opus-5-5', { asOf })).toEqual([
    'max_tokens: 300001 > 300000, which is the maximum allowed number of output tokens for claude-opus-5-5',
  ])
  expect(listTexts({ ...facts, batch: false }, 'claude-opus-5-5', { asOf })).toHaveLength(1)
  expect(listTexts({ ...facts, betas: [] }, 'claude-opus-5-5', { asOf })).toHaveLength(1)
  expect(listTexts(facts, 'claude-fable-5-2', { asOf })).toHaveLength(1)
  expect(listTexts(facts, 'claude-sonnet-4-5', { asOf })).toHaveLength(1)
})

test('has a window of a million tokens from the 4.6 models on, without a header', () => {
  expect(listTexts({ input_tokens: 1_000_000, betas: [] }, 'claude-sonnet-4-6', { asOf })).toEqual([])
  expect(listTexts({ input_tokens: 1_000_001 }, 'claude-sonnet-4-6', { asOf })).toEqual([
    'prompt is too long: 1000001 tokens > 1000000 maximum',
  ])
})

test('requires a header for the long window of Opus 4.6 until 2026-03-13', () => {
  const facts = { input_tokens: 900_000, betas: [] }
  const header = { ...facts, betas: ['context-1m-2025-08-07'] }

  expect(listTexts(facts, 'claude-opus-4-6', { asOf: '2026-03-12' })).toHaveLength(1)
  expect(listTexts(header, 'claude-opus-4-6', { asOf: '2026-03-12' })).toEqual([])
  expect(listTexts(facts, 'claude-opus-4-6', { asOf: '2026-03-13' })).toEqual([])
})

test('requires a header for the long window of Sonnet 4.5 until 2026-04-30', () => {
  const facts = { input_tokens: 200_001, betas: ['context-1m-2025-08-07'] }

  expect(listTexts(facts, 'claude-sonnet-4-5', { asOf: '2026-04-29' })).toEqual([])
  expect(listTexts(facts, 'claude-sonnet-4-5', { asOf: '2026-04-30' })).toEqual([
    'prompt is too long: 200001 tokens > 200000 maximum',
  ])
})

test.each(['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-opus-5-5'])(
  '%s stops at the end of the window, and accepts any sum',
  (name) => {
    expect(listTexts({ input_tokens: 199_999, max_tokens: 64_000 }, name, { asOf })).toEqual([])
  },
)

test('accepts 100 images and documents with a small window and 600 with a large one', () => {
  expect(listTexts({ image_count: 100 }, 'claude-opus-4-5', { asOf })).toEqual([])
  expect(listTexts({ image_count: 104, document_count: 1 }, 'claude-opus-4-5', { asOf })).toEqual([
    'too many images and documents: 104 + 1 > 100',
  ])
  expect(listTexts({ image_count: 600 }, 'claude-opus-4-6', { asOf })).toEqual([])
  expect(listTexts({ image_count: 601 }, 'claude-opus-4-6', { asOf })).toHaveLength(1)
})

test('rejects cache warming and streaming in a batch', () => {
  expect(listTexts({ max_tokens: 0 }, 'claude-opus-5-5', { asOf })).toEqual([])
  expect(listTexts({ max_tokens: 0, batch: true }, 'claude-opus-5-5', { asOf })).toHaveLength(1)
  expect(listTexts({ stream: true, batch: true }, 'claude-opus-5-5', { asOf })).toHaveLength(1)
  expect(listTexts({ stream: false, batch: true }, 'claude-opus-5-5', { asOf })).toEqual([])
})
