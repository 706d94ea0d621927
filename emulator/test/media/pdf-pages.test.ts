import { deflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { countPdfPages } from '../../src/media/pdf-pages.ts'
import { pdf } from './documents.ts'

describe('the pages of a PDF', () => {
  test.each([1, 2, 17])('%i pages of plain objects', (pages) => {
    expect(countPdfPages(pdf(pages))).toBe(pages)
  })

  test('pages in a compressed object stream', () => {
    const inner = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Count 3/Kids[3 0 R 4 0 R 5 0 R]>>']

    expect(countPdfPages(withObjectStream(inner))).toBe(3)
  })

  test('page objects are counted if the page tree has no count', () => {
    const inner = ['<</Type/Catalog/Pages 9 0 R>>', '<</Type/Page>>', '<</Type /Page /Parent 9 0 R>>']

    expect(countPdfPages(withObjectStream(inner))).toBe(2)
  })

  test('an appended update replaces earlier objects', () => {
    const update = '2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 8>>\nendobj\n%%EOF\n'

    expect(countPdfPages(pdf(2) + update)).toBe(8)
  })

  test('bytes that are not a PDF, or name no page, have no count', () => {
    expect(countPdfPages('hello')).toBe(null)
    expect(countPdfPages('')).toBe(null)
    expect(countPdfPages('%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n')).toBe(null)
  })
})

test('hostile files are read without an exception', () => {
  for (const part of [
    '1',
    '1 0 obj ',
    '/Count ',
    'obj',
    '<<'.repeat(100),
    '1 0 obj<</Type/ObjStm/N 9/First 9>>stream\n',
  ])
    countPdfPages(`%PDF-1.7\n${part.repeat(Math.ceil(500_000 / part.length))}`)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      const pages = countPdfPages(`%PDF-1.4\n1 0 obj${String.fromCharCode(...noise)}`)
      expect(pages === null || pages > 0).toBe(true)
    }),
  )
})

function withObjectStream(inner: readonly string[]): string {
  const offsets = inner.map((_, index) => inner.slice(0, index).join(' ').length + (index > 0 ? 1 : 0))
  const header = offsets.map((offset, index) => `${index + 1} ${offset}`).join(' ') + ' '
  const packed = deflateSync(Buffer.from(header + inner.join(' '), 'latin1')).toString('latin1')
  const dictionary = `<</Type/ObjStm/N ${inner.length}/First ${header.length}/Filter/FlateDecode/Length ${packed.length}>>`
  return `%PDF-1.5\n7 0 obj\n${dictionary}\nstream\r\n${packed}\nendstream\nendobj\n%%EOF\n`
}
