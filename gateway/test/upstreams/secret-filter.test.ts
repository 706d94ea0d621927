import type { Receiver } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { filterSecrets } from '../../src/upstreams/secret-filter.ts'

const secret = 'sk-ant-ant-secret-of-the-upstream'

test('redacts a secret in a body, wherever its chunks are cut', () => {
  const parts = fc.constantFrom(secret, 'sk-ant-', 'sk-ant-ant-secret', 'of', ' words ', 's', '\n\n')
  fc.assert(
    fc.property(fc.array(parts), fc.array(fc.nat(40)), (texts, cuts) => {
      const text = texts.join('')
      const seen = collect()
      const receiver = filterSecrets(seen.receiver, { secrets: [secret] })

      for (const chunk of cut(text, cuts)) receiver.chunk(Buffer.from(chunk))
      receiver.end()

      expect(seen.text()).toBe(text.replaceAll(secret, '[redacted]'))
      expect(seen.ended()).toBe(true)
    }),
  )
})

test('holds back only what may be the start of a secret', () => {
  const seen = collect()
  const receiver = filterSecrets(seen.receiver, { secrets: [secret] })

  receiver.chunk(Buffer.from('data: a whole event\n\n'))
  expect(seen.text()).toBe('data: a whole event\n\n')
  receiver.chunk(Buffer.from('and sk-ant-ant-'))

  expect(seen.text()).toBe('data: a whole event\n\nand ')
})

test('redacts secrets in bytes that are no text, and leaves all others as they are', () => {
  const noText = Buffer.from([0xff, 0x00])
  const seen = collect()
  const receiver = filterSecrets(seen.receiver, {
    secrets: ['secret-of-length-19', 'geheim-der-Länge-22', ''],
  })

  receiver.chunk(Buffer.concat([noText, Buffer.from('é secret-of-length-19 geheim-der-Länge-22!')]))

  expect(seen.bytes()).toEqual(Buffer.concat([noText, Buffer.from('é [redacted] [redacted]!')]))
})

test('redacts a secret in every header', () => {
  const seen = collect()

  filterSecrets(seen.receiver, { secrets: [secret] }).head(200, {
    'content-type': `text/plain; x=${secret}`,
    'retry-after': secret,
    'request-id': 'req_1',
  })

  expect(seen.headers()).toEqual({
    'content-type': 'text/plain; x=[redacted]',
    'retry-after': '[redacted]',
    'request-id': 'req_1',
  })
})

test('looks for nothing that no request carries', () => {
  const { receiver } = collect()

  expect(filterSecrets(receiver, { secrets: [secret], sentSecrets: [] })).toBe(receiver)
})

test.each(['', 'a', 'none', 'EMPTY', 'ollama', 'lm-studio', 'no-key-required'])(
  'takes %j for a word and not for a secret',
  (word) => {
    const { receiver } = collect()

    expect(filterSecrets(receiver, { secrets: [word] })).toBe(receiver)
  },
)

function cut(text: string, lengths: readonly number[]): readonly string[] {
  const pieces: string[] = []
  let rest = text
  for (const length of lengths) {
    pieces.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  return [...pieces, rest]
}

function collect() {
  const chunks: Uint8Array[] = []
  let headers: Readonly<Record<string, string>> = {}
  let ended = false
  const receiver: Receiver = {
    head: (_, given) => void (headers = given),
    chunk: (bytes) => chunks.push(bytes) > 0,
    end: () => void (ended = true),
    fail: () => {},
  }
  return {
    receiver,
    text: () => Buffer.concat(chunks).toString(),
    bytes: () => Buffer.concat(chunks),
    headers: () => headers,
    ended: () => ended,
  }
}
