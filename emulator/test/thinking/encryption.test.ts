import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encrypt, decrypt } from '../../src/thinking/encryption.ts'

const key = { seed: 'a seed', purpose: 'thinking' } as const

describe('an envelope', () => {
  test('decrypts to the original text, whatever its length and characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), fc.string(), (text, seed) => {
        const envelope = encrypt(text, { ...key, seed })

        expect(decrypt(envelope, { ...key, seed })).toBe(text)
      }),
    )
  })

  test('is the same for the same text and differs for another', () => {
    expect(encrypt('one', key)).toBe(encrypt('one', key))
    expect(encrypt('one', key)).not.toBe(encrypt('two', key))
  })

  test('looks like one of the API: base64 that starts with an E, without readable text', () => {
    const envelope = encrypt('claude-opus-4-1-20250805', key)

    expect(envelope).toMatch(/^E[A-Za-z0-9+/]{80,}={0,2}$/)
    expect(atob(envelope)).not.toContain('claude')
  })

  test('cannot be decrypted with another seed or for another purpose', () => {
    const envelope = encrypt('text', key)

    expect(decrypt(envelope, { ...key, seed: 'b seed' })).toBeNull()
    expect(decrypt(envelope, { ...key, purpose: 'redacted_thinking' })).toBeNull()
  })

  test('cannot be decrypted after a change to any of its characters', () => {
    const envelope = encrypt('some text in it', key)

    for (let at = 0; at < envelope.length; at += 1) {
      const other = envelope[at] === 'A' ? 'B' : 'A'
      expect(decrypt(envelope.slice(0, at) + other + envelope.slice(at + 1), key)).toBeNull()
    }
  })

  test('cannot be decrypted if truncated, extended, or with white space in it', () => {
    const envelope = encrypt('some text in it', key)

    for (let length = 0; length < envelope.length; length += 1)
      expect(decrypt(envelope.slice(0, length), key)).toBeNull()
    for (const more of ['A', '====', ' ', '\n']) expect(decrypt(envelope + more, key)).toBeNull()
    expect(decrypt(`${envelope.slice(0, 8)} ${envelope.slice(8)}`, key)).toBeNull()
  })

  test('may be replaced by any text, however long, without an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => decrypt(text, key) === null))
    fc.assert(fc.property(fc.base64String({ maxLength: 400 }), (text) => decrypt(text, key) === null))
    expect(decrypt('/'.repeat(5_000_000), key)).toBeNull()
    expect(decrypt(btoa('\xff'.repeat(3_000)), key)).toBeNull()
    expect(decrypt(encrypt('x'.repeat(5_000), key), key)).toBeNull()
  })
})
