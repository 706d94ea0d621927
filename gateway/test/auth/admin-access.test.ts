import { Socket } from 'node:net'

import { expect, test } from 'vitest'

import { createAdminAccess } from '../../src/auth/admin-access.ts'
import { createKeyRing } from '../../src/auth/key-ring.ts'
import { createSecret } from '../../src/auth/secret-file.ts'

const adminKey = createSecret()

test('an address may try again a minute after its first wrong key', async () => {
  const { enter, pass } = createClocked()

  for (let guess = 0; guess < 10; guess += 1) {
    expect(await enter(`wrong ${guess}`)).toBe('unknown_key')
    pass(1_000)
  }
  expect(await enter(adminKey)).toBe('rate_limited')
  pass(49_999)
  expect(await enter(adminKey)).toBe('rate_limited')
  pass(1)

  expect(await enter(adminKey)).toBe('admin')
})

test('the addresses of one IPv6 network count as one', async () => {
  const { enter } = createClocked()

  for (let guess = 0; guess < 10; guess += 1) await enter('wrong', `2001:db8:1:2::${guess}`)

  expect(await enter(adminKey, '2001:db8:1:2:ffff::1')).toBe('rate_limited')
  expect(await enter(adminKey, '2001:db8:1:3::1')).toBe('admin')
})

test('a key that only begins like the admin key is a wrong one', async () => {
  const { enter } = createClocked()

  expect(await enter(adminKey.slice(0, -1))).toBe('unknown_key')
  expect(await enter(`${adminKey}x`)).toBe('unknown_key')
})

test('either header may carry the admin key', async () => {
  const access = createAdminAccess({ adminKey, ring: createKeyRing([], () => ''), nowMs: () => 0 })
  const socket = new Socket()

  const headers = { 'x-api-key': 'for another server', authorization: `Bearer ${adminKey}` }

  expect(await access.authenticate({ headers, socket })).toMatchObject({ role: 'admin', actor: 'admin-key' })
})

function createClocked() {
  let now = 0
  const access = createAdminAccess({ adminKey, ring: createKeyRing([], () => ''), nowMs: () => now })
  const enter = async (key: string, address = '192.0.2.1'): Promise<unknown> => {
    const socket = new Socket()
    Object.defineProperty(socket, 'remoteAddress', { value: address })
    try {
      return (await access.authenticate({ headers: { 'x-api-key': key }, socket })).role
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error
    }
  }
  return { enter, pass: (ms: number) => void (now += ms) }
}
