import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { collect, getJson } from '../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })

describe('the list', () => {
  test('has the models of the page, newest first, in the shape of 2025', async () => {
    const page = await get('/v1/models')

    expect(page).toMatchObject({ has_more: false, first_id: 'claude-opus-4-1-20250805' })
    expect(listIds(page).toSorted()).toEqual([
      'claude-3-5-haiku-20241022',
      'claude-3-5-sonnet-20240620',
      'claude-3-5-sonnet-20241022',
      'claude-3-7-sonnet-20250219',
      'claude-3-haiku-20240307',
      'claude-3-opus-20240229',
      'claude-opus-4-1-20250805',
      'claude-opus-4-20250514',
      'claude-sonnet-4-20250514',
    ])
    expect(getDates(page)).toEqual(getDates(page).toSorted().toReversed())
    expect(page).toHaveProperty('data.0', {
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
      created_at: expect.stringMatching(/^2025-08-05T/),
    })
  })

  test('is paged', async () => {
    const page = await get('/v1/models?limit=2&after_id=claude-opus-4-1-20250805')

    expect(listIds(page)).toEqual(['claude-opus-4-20250514', 'claude-sonnet-4-20250514'])
    expect(page).toMatchObject({ has_more: true })
  })

  test('rejects an invalid limit', async () => {
    expect(await get('/v1/models?limit=0')).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  test('omits retired models with lifecycle enforce, unless they are requested', async () => {
    const strict = createEmulator({ lifecycle: 'enforce', asOf: '2026-01-10' })

    const page = await get('/v1/models', strict)
    expect(listIds(page)).not.toContain('claude-3-opus-20240229')
    expect(listIds(page)).toContain('claude-3-haiku-20240307')
    expect(listIds(await get('/v1/models?lifecycle[]=retired', strict))).toContain('claude-3-opus-20240229')
  })

  test('includes retired models if they are served', async () => {
    const lenient = createEmulator({ asOf: '2026-01-10' })

    expect(listIds(await get('/v1/models?limit=1000', lenient))).toContain('claude-3-opus-20240229')
  })

  test('has no unreleased model', async () => {
    expect(listIds(await get('/v1/models?limit=1000'))).not.toContain('claude-sonnet-4-5-20250929')
  })

  test('filters by the requested lifecycle', async () => {
    const lenient = createEmulator({ asOf: '2026-10-15' })
    const page = await get('/v1/models?lifecycle[]=deprecated&lifecycle[]=retired&limit=1000', lenient)

    expect(new Set(getLifecycles(page))).toEqual(new Set(['deprecated', 'retired']))
    expect(listIds(page)).toContain('claude-opus-4-1-20250805')
    expect(getLifecycles(await get('/v1/models?lifecycle=active', lenient))).not.toContain('retired')
  })

  test('rejects an unknown lifecycle', async () => {
    expect(await get('/v1/models?lifecycle[]=active&lifecycle[]=old')).toMatchObject({
      error: { message: "lifecycle.1: Input should be 'active', 'deprecated' or 'retired'" },
    })
  })
})

describe('the shape', () => {
  const yes = { supported: true }
  const no = { supported: false }

  // The responses of April 2026, as in the facts of the models.
  test.each([
    ['claude-opus-4-7', 1_000_000, 128_000],
    ['claude-sonnet-4-6', 1_000_000, 128_000],
    ['claude-opus-4-5-20251101', 200_000, 64_000],
    ['claude-haiku-4-5-20251001', 200_000, 64_000],
    ['claude-sonnet-4-5-20250929', 1_000_000, 64_000],
    ['claude-opus-4-1-20250805', 200_000, 32_000],
    ['claude-sonnet-4-20250514', 1_000_000, 64_000],
  ])('has the limits of %s since March 2026', async (id, inputTokens, outputTokens) => {
    const model = await get(`/v1/models/${id}`, createEmulator({ asOf: '2026-04-20' }))

    expect(model).toMatchObject({ max_input_tokens: inputTokens, max_tokens: outputTokens })
    expect(model).not.toHaveProperty('line')
  })

  test('has the capabilities of Opus 4.6', async () => {
    const model = await get('/v1/models/claude-opus-4-6', createEmulator({ asOf: '2026-04-20' }))

    expect(model).toHaveProperty('capabilities', {
      batch: yes,
      citations: yes,
      code_execution: yes,
      context_management: {
        supported: true,
        clear_tool_uses_20250919: yes,
        clear_thinking_20251015: yes,
        compact_20260112: yes,
      },
      effort: { supported: true, low: yes, medium: yes, high: yes, xhigh: no, max: yes },
      image_input: yes,
      pdf_input: yes,
      structured_outputs: yes,
      thinking: { supported: true, types: { enabled: yes, adaptive: yes } },
    })
  })

  test.each([
    ['claude-haiku-4-5', { code_execution: no, structured_outputs: yes }],
    ['claude-opus-4-20250514', { code_execution: no, structured_outputs: no, effort: { supported: false } }],
    [
      'claude-opus-4-5',
      { effort: { supported: true, max: no }, context_management: { compact_20260112: no } },
    ],
    ['claude-opus-4-7', { thinking: { types: { enabled: no, adaptive: yes } } }],
  ])('tells what %s cannot do', async (id, capabilities) => {
    expect(await get(`/v1/models/${id}`, createEmulator({ asOf: '2026-04-20' }))).toMatchObject({
      capabilities,
    })
  })

  test('has line and life since October 2026', async () => {
    const late = createEmulator({ asOf: '2026-10-15' })

    expect(await get('/v1/models/claude-opus-4-1', late)).toMatchObject({
      line: 'opus',
      lifecycle: 'retired',
      deprecated_at: '2026-06-05T00:00:00Z',
      retires_at: '2026-08-05T00:00:00Z',
    })
    expect(await get('/v1/models/claude-sonnet-5-5', late)).toMatchObject({
      line: 'sonnet',
      lifecycle: 'active',
      deprecated_at: null,
      retires_at: null,
      capabilities: { thinking: { types: { disabled: no, between_tools: yes } }, server_tools: yes },
    })
  })

  test('is that of 2025 until then', async () => {
    expect(
      Object.keys(await get('/v1/models/claude-opus-4-1', createEmulator({ asOf: '2026-03-17' }))),
    ).toEqual(['type', 'id', 'display_name', 'created_at'])
  })
})

describe('one model', () => {
  test.each(['claude-opus-4-1', 'claude-opus-4-1-20250805'])('%s is found', async (name) => {
    expect(await get(`/v1/models/${name}`)).toMatchObject({ type: 'model', id: 'claude-opus-4-1-20250805' })
  })

  test.each(['claude-2', 'claude-opus-4-1%40x', '%E0%A4%A', 'constructor'])(
    '%s is not found',
    async (name) => {
      expect(await get(`/v1/models/${name}`)).toMatchObject({
        error: { type: 'not_found_error', message: expect.stringMatching(/^model: /) },
      })
    },
  )
})

async function get(path: string, from = emulator): Promise<object> {
  // Every response of the endpoint is an object.
  return getJson(await collect(from, { method: 'GET', path })) as object
}

function getLifecycles(page: unknown): string[] {
  // A list, as below.
  return (page as { data: { lifecycle: string }[] }).data.map(({ lifecycle }) => lifecycle)
}

function listIds(page: unknown): string[] {
  // A list, as other tests verify.
  return (page as { data: { id: string }[] }).data.map(({ id }) => id)
}

function getDates(page: unknown): string[] {
  // As above.
  return (page as { data: { created_at: string }[] }).data.map(({ created_at }) => created_at)
}
