import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { maxParts, parseMultipart } from '../../../src/api/files/multipart.ts'

const utf8 = new TextEncoder()

describe('a form', () => {
  test('written by fetch is read, whatever bytes the file has', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(13, 10, 45, 45), { maxLength: 60 }).map((values) => new Uint8Array(values)),
    )
    const name = fc.stringMatching(/^[a-zA-Zäß日 ".;=-]{1,20}$/)
    await fc.assert(
      fc.asyncProperty(bytes, name, async (content, filename) => {
        const form = new FormData()
        form.append('file', new File([content.slice()], filename, { type: 'image/png' }))
        form.append('expires_in_seconds', '3600')
        const request = new Request('http://localhost', { method: 'POST', body: form })
        const body = new Uint8Array(await request.arrayBuffer())

        expect(parseMultipart(body, request.headers.get('content-type') ?? '')).toEqual([
          { name: 'file', filename, contentType: 'image/png', bytes: content },
          { name: 'expires_in_seconds', filename: null, contentType: null, bytes: utf8.encode('3600') },
        ])
      }),
    )
  })

  test('may have a preamble, a quoted boundary and a name in UTF-8', () => {
    const body = [
      'preamble',
      '--a b',
      'Content-Disposition: form-data; name=file; filename="x"; filename*=UTF-8\'\'%C3%A4.txt',
      '',
      'hello',
      '--a b--',
      'epilogue',
    ].join('\r\n')

    expect(parseMultipart(utf8.encode(body), 'multipart/form-data; boundary="a b"')).toEqual([
      { name: 'file', filename: 'ä.txt', contentType: null, bytes: utf8.encode('hello') },
    ])
  })

  test('may have no parts', () => {
    expect(parseMultipart(utf8.encode('--b--'), 'multipart/form-data; boundary=b')).toEqual([])
  })
})

describe('no form', () => {
  const part = '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n'

  test.each<[string, string, string]>([
    ['another type', 'application/json', `${part}--b--`],
    ['no boundary', 'multipart/form-data', `${part}--b--`],
    ['another boundary', 'multipart/form-data; boundary=c', `${part}--b--`],
    ['no end', 'multipart/form-data; boundary=b', part],
    ['nothing at all', 'multipart/form-data; boundary=b', ''],
    ['a part without a name', 'multipart/form-data; boundary=b', '--b\r\nA: b\r\n\r\nx\r\n--b--'],
    ['a part without an end of its head', 'multipart/form-data; boundary=b', '--b\r\nA: b\r\n--b--'],
    ['too many parts', 'multipart/form-data; boundary=b', `${part.repeat(maxParts + 1)}--b--`],
  ])('%s', (_, contentType, body) => {
    expect(parseMultipart(utf8.encode(body), contentType)).toBeNull()
  })

  test('random bytes are read without an exception', () => {
    const chunks = fc.array(
      fc.constantFrom('--b', '\r\n', '--', 'name="file"', 'Content-Disposition:', ';', 'x'),
    )
    fc.assert(
      fc.property(chunks, (texts) => {
        const parts = parseMultipart(utf8.encode(texts.join('')), 'multipart/form-data; boundary=b')
        expect(parts === null || Array.isArray(parts)).toBe(true)
      }),
    )
  })
})
