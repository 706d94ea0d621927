import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'
import { collect, jsonOf } from './collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })

describe('the list', () => {
  test('has the models of the page, newest first, in the shape of 2025', async () => {
    const page = await get('/v1/models')

    expect(page).toMatchObject({ has_more: false, first_id: 'claude-opus-4-1-20250805' })
    expect(idsOf(page).toSorted()).toEqual([
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
    expect(datesOf(page)).toEqual(datesOf(page).toSorted().toReversed())
    expect(page).toHaveProperty('data.0', {
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
      created_at: expect.stringMatching(/^2025-08-05T/),
    })
  })

  test('is paged', async () => {
    const page = await get('/v1/models?limit=2&after_id=claude-opus-4-1-20250805')

    expect(idsOf(page)).toEqual(['claude-opus-4-20250514', 'claude-sonnet-4-20250514'])
    expect(page).toMatchObject({ has_more: true })
  })

  test('refuses a limit that is none', async () => {
    expect(await get('/v1/models?limit=0')).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  test('leaves retired models out when the date is enforced', async () => {
    const strict = createEmulator({ lifecycle: 'enforce', asOf: '2026-01-10' })
    const page = jsonOf(await collect(strict, { method: 'GET', path: '/v1/models' }))

    expect(idsOf(page)).not.toContain('claude-3-opus-20240229')
    expect(idsOf(page)).toContain('claude-3-haiku-20240307')
  })
})

describe('one model', () => {
  test.each(['claude-opus-4-1', 'claude-opus-4-1-20250805'])('%s is found', async (name) => {
    expect(await get(`/v1/models/${name}`)).toMatchObject({ type: 'model', id: 'claude-opus-4-1-20250805' })
  })

  test.each(['claude-2', 'claude-opus-4-1%40x', '%E0%A4%A', 'constructor'])('%s is not', async (name) => {
    expect(await get(`/v1/models/${name}`)).toMatchObject({
      error: { type: 'not_found_error', message: expect.stringMatching(/^model: /) },
    })
  })
})

async function get(path: string): Promise<unknown> {
  return jsonOf(await collect(emulator, { method: 'GET', path }))
}

function idsOf(page: unknown): string[] {
  // A list, which the tests around have looked at.
  return (page as { data: { id: string }[] }).data.map(({ id }) => id)
}

function datesOf(page: unknown): string[] {
  // As above.
  return (page as { data: { created_at: string }[] }).data.map(({ created_at }) => created_at)
}
