import { Socket } from 'node:net'

import { resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { authenticateKey, authorizeModel } from '../../src/auth/authenticate.ts'
import { createBuiltInKey, createKeyRing } from '../../src/auth/key-ring.ts'

const ring = createKeyRing(
  [
    { id: 'key_a', name: 'a', secret: 'secret-a' },
    { id: 'key_b', name: 'b', secret: 'secret-b' },
  ],
  () => 'the root secret',
)

const socket = new Socket()
const context = { ring, nowMs: () => 0, getClientAddress: () => '192.0.2.1' }

test.each([
  ['x-api-key', { 'x-api-key': 'secret-a' }, 'key_a'],
  ['a bearer token', { authorization: 'Bearer secret-b' }, 'key_b'],
  ['a bearer token in other letters and spaces', { authorization: 'BEARER   secret-b ' }, 'key_b'],
  ['api-key', { 'api-key': 'secret-a' }, 'key_a'],
  ['the first of two valid ones', { authorization: 'Bearer secret-b', 'x-api-key': 'secret-a' }, 'key_a'],
  ['the valid one of two', { authorization: 'Bearer secret-b', 'x-api-key': 'for-somebody-else' }, 'key_b'],
])('finds the key in %s', (_, headers, id) => {
  expect(authenticateKey({ headers, socket }, context).id).toBe(id)
})

test.each([
  ['nothing', {}, 'no_key'],
  ['empty values', { 'x-api-key': '', authorization: 'Bearer ' }, 'no_key'],
  ['another scheme', { authorization: 'Basic secret-a' }, 'no_key'],
  ['a key that was never issued', { 'x-api-key': 'secret-c' }, 'unknown_key'],
  ['two of them', { 'x-api-key': 'secret-c', authorization: 'Bearer secret-d' }, 'unknown_key'],
  ['a key with a space behind it', { 'x-api-key': 'secret-a ' }, 'unknown_key'],
])('rejects %s', (_, headers, code) => {
  expect(() => authenticateKey({ headers, socket }, context)).toThrow(expect.objectContaining({ code }))
})

test('lets a key use only its own models', () => {
  const haiku = getModel('claude-3-haiku-20240307')
  const opus = getModel('claude-opus-4-1')
  const key = { ...createBuiltInKey('key_a', 'a'), models: new Set([haiku.id]) }

  expect(() => authorizeModel(key, haiku)).not.toThrow()
  expect(() => authorizeModel({ ...key, models: null }, opus)).not.toThrow()
  expect(() => authorizeModel(key, opus)).toThrow(
    expect.objectContaining({
      code: 'model_not_allowed',
      message: 'this key cannot use claude-opus-4-1-20250805; use one of: claude-3-haiku-20240307',
    }),
  )
})

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}
