import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageModels } from '../../src/models/models-page.ts'
import type { ModelsPage, ModelsQuery } from '../../src/models/models-page.ts'

describe('a page of models', () => {
  test('has twenty models by default', () => {
    const page = paged(models(21), {})

    expect(page.data).toHaveLength(20)
    expect(page).toMatchObject({ first_id: 'm0', last_id: 'm19', has_more: true })
  })

  test('starts after `after_id`', () => {
    const page = paged(models(5), { limit: '2', after_id: 'm2' })

    expect(page).toEqual({
      data: [{ id: 'm3' }, { id: 'm4' }],
      first_id: 'm3',
      last_id: 'm4',
      has_more: false,
    })
  })

  test('ends just before `before_id`', () => {
    const page = paged(models(5), { limit: 2, before_id: 'm3' })

    expect(page).toEqual({
      data: [{ id: 'm1' }, { id: 'm2' }],
      first_id: 'm1',
      last_id: 'm2',
      has_more: true,
    })
  })

  test('has no more models before the first', () => {
    expect(paged(models(5), { before_id: 'm2' }).has_more).toBe(false)
  })

  test.each([
    ['of an empty list', 0, {}],
    ['after the last model', 3, { after_id: 'm2' }],
    ['before the first model', 3, { before_id: 'm0' }],
  ])('is empty %s', (_, count, query) => {
    expect(paged(models(count), query)).toEqual({ data: [], first_id: null, last_id: null, has_more: false })
  })

  test('shows every model once along the cursors, in both directions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), (count, limit) => {
        const items = models(count)

        expect(
          walk((last) => paged(items, { limit, ...(last && { after_id: last.last_id ?? '' }) })),
        ).toEqual(items)
        const back = walkBack((last) => paged(items, { limit, before_id: last?.first_id ?? `m${count - 1}` }))
        expect(back).toEqual(items.slice(0, -1))
      }),
    )
  })
})

test.each([
  ['0', 'limit: Input should be greater than or equal to 1'],
  ['-5', 'limit: Input should be greater than or equal to 1'],
  ['1001', 'limit: Input should be less than or equal to 1000'],
  ['ten', 'limit: Input should be a valid integer, unable to parse string as an integer'],
  ['', 'limit: Input should be a valid integer, unable to parse string as an integer'],
  ['1.5', 'limit: Input should be a valid integer, unable to parse string as an integer'],
  ['9'.repeat(400), 'limit: Input should be a valid integer, unable to parse string as an integer'],
])('rejects the limit %s', (limit, message) => {
  expect(pageModels(models(3), { limit })).toEqual({ ok: false, because: 'bad_limit', message })
})

test('accepts the maximum limit', () => {
  expect(paged(models(1_001), { limit: '1000' }).data).toHaveLength(1_000)
})

test('rejects a cursor that is not in the list, and two cursors', () => {
  expect(pageModels(models(3), { after_id: 'x' })).toMatchObject({ ok: false, because: 'unknown_cursor' })
  expect(pageModels(models(3), { before_id: 'x' })).toMatchObject({ ok: false, because: 'unknown_cursor' })
  expect(pageModels(models(3), { after_id: 'm0', before_id: 'm2' })).toMatchObject({
    ok: false,
    because: 'two_cursors',
  })
})

interface Item {
  readonly id: string
}

function models(count: number): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: `m${i}` }))
}

function paged(items: readonly Item[], query: ModelsQuery): ModelsPage<Item> {
  const result = pageModels(items, query)
  if (!result.ok) throw new Error(result.message)
  return result.page
}

type Turn = (last: ModelsPage<Item> | undefined) => ModelsPage<Item>

function walk(turn: Turn): Item[] {
  const seen: Item[] = []
  for (let page = turn(undefined); ; page = turn(page)) {
    seen.push(...page.data)
    if (!page.has_more) return seen
  }
}

function walkBack(turn: Turn): Item[] {
  const seen: Item[] = []
  for (let page = turn(undefined); ; page = turn(page)) {
    seen.unshift(...page.data)
    if (!page.has_more) return seen
  }
}
