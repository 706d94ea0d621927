import { expect, test } from 'vitest'

import { deriveSigningKey } from '@anthology/wire'

import { createSigningKeys, hashes } from '../../src/auth/signing-keys.ts'

/** From "Examples of how to derive a signing key for Signature Version 4" of the AWS General Reference. */
const published = {
  secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  scope: { date: '20120215', region: 'us-east-1', service: 'iam' },
  key: 'f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d',
}

test('derives the key of the published example', () => {
  const key = createSigningKeys(published.secret).derive(published.scope)

  expect(Buffer.from(key).toString('hex')).toBe(published.key)
})

test('caches a verified key only for its day, region and service', () => {
  const keys = createSigningKeys(published.secret)
  const key = keys.derive(published.scope)

  keys.keep(published.scope, key)

  expect(keys.derive({ ...published.scope })).toBe(key)
  for (const other of [{ date: '20120216' }, { region: 'eu-west-1' }, { service: 'bedrock' }]) {
    const scope = { ...published.scope, ...other }
    expect(keys.derive(scope)).toEqual(deriveSigningKey(published.secret, scope, hashes))
  }
})

test('caches a key only when asked to', () => {
  const keys = createSigningKeys(published.secret)

  expect(keys.derive(published.scope)).not.toBe(keys.derive(published.scope))
})

test('caches a few keys and evicts the oldest', () => {
  const keys = createSigningKeys(published.secret)
  const scopes = Array.from({ length: 9 }, (_, day) => ({ ...published.scope, date: `2012020${day + 1}` }))
  const made = scopes.map((scope) => keys.derive(scope))

  for (const [at, scope] of scopes.entries()) keys.keep(scope, made[at] ?? new Uint8Array())

  expect(scopes.map((scope, at) => keys.derive(scope) === made[at])).toEqual([false, ...Array(8).fill(true)])
})
