import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createSecretSearch } from '../../src/upstreams/secret-search.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'
const secret = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 16, maxLength: 60 })

test('finds any secrets at any place in bytes of any kind', () => {
  const gap = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  const cases = fc.array(secret, { minLength: 1, maxLength: 3 }).chain((secrets) => {
    const piece = fc.constantFrom(...secrets).chain((text) => fc.nat(60).map((end) => text.slice(0, end)))
    return fc.tuple(fc.constant(secrets), fc.array(fc.oneof(gap, piece, fc.constantFrom(...secrets))))
  })

  fc.assert(
    fc.property(cases, ([secrets, pieces]) => {
      const search = createSecretSearch(secrets)
      const text = pieces.join('')

      let expected = text
      for (const known of search.secrets) expected = expected.replaceAll(known, '[redacted]')
      expect(Buffer.from(search.remove(Buffer.from(text, 'latin1'))).toString('latin1')).toBe(expected)
    }),
  )
})

test('the end that may be the start of a secret is the longest such end', () => {
  fc.assert(
    fc.property(secret, secret, fc.nat(59), fc.string(), (one, other, length, before) => {
      const text = before + one.slice(0, Math.min(length, one.length - 1))
      const ends = [one, other].flatMap((known) =>
        Array.from({ length: known.length - 1 }, (_, at) => at + 1).filter((end) =>
          text.endsWith(known.slice(0, end)),
        ),
      )

      expect(createSecretSearch([one, other]).countPending(Buffer.from(text))).toBe(Math.max(0, ...ends))
    }),
  )
})

test('bytes without a secret are returned as they are', () => {
  const known = 'secret/of+forty-letters-as-AWS-has-it012'
  const bytes = Buffer.from(known.slice(0, -1))

  expect(createSecretSearch([known]).remove(bytes)).toBe(bytes)
})
