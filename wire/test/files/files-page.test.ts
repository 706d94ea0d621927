import { expect, test } from 'vitest'
import { pageFiles } from '../../src/files/files-page.ts'

const files = ['file_c', 'file_b', 'file_a'].map((id) => ({ id }))

test('each page starts at the cursor of the previous one', () => {
  const first = read('limit=2')
  const second = read(`limit=2&page=${first.next_page}`)

  expect(first).toEqual({ data: files.slice(0, 2), next_page: expect.any(String) })
  expect(second).toEqual({ data: files.slice(2), next_page: null })
})

test('returns the named files and skips unknown ids', () => {
  expect(read('ids[]=file_a&ids[]=file_c&ids[]=file_x&ids[]=file_a')).toEqual({
    data: [{ id: 'file_c' }, { id: 'file_a' }],
    next_page: null,
  })
})

test.each([
  ['page=file_b', 'page: not a page of this list'],
  ['page=page_file_x', 'page: not a page of this list'],
  ['limit=0', 'limit: Input should be greater than or equal to 1'],
  ['ids[]=file_a&limit=2', 'ids: may not be given together with `page` or `limit`'],
  ['ids[]=file_a&page=page_file_b', 'ids: may not be given together with `page` or `limit`'],
  [manyIds(101), 'ids: List should have at most 100 items'],
])('rejects %.30s', (query, message) => {
  expect(pageFiles(files, new URLSearchParams(query))).toEqual({ ok: false, message })
})

test('accepts a hundred ids', () => {
  expect(read(manyIds(100)).data).toEqual([])
})

function read(query: string) {
  const paged = pageFiles(files, new URLSearchParams(query))
  if (!paged.ok) throw new Error(paged.message)
  return paged.page
}

function manyIds(count: number): string {
  return Array.from({ length: count }, (_, i) => `ids[]=file_${i}`).join('&')
}
