import type { Socket } from 'node:net'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createAddressReader, parseRanges } from '../../src/auth/client-address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '::ffff:192.0.2.7', true],
  ['192.0.2.0/24', '192.0.3.1', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['::/0', '2001:db8::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['192.0.2.0/24', '', false],
  ['192.0.2.0/24', 'unknown', false],
])('%s and the address %s: %s', (range, address, expected) => {
  const parsed = parseRanges([range])

  expect(parsed.ok && parsed.ranges.contains(address)).toBe(expected)
})

test.each([
  '',
  '192.0.2',
  '192.0.2.1/33',
  '192.0.2.1/',
  '::1/129',
  '1.2.3.4/8/8',
  'example.com',
  'fe80::1%eth0/10',
  '1.2.3.4/+8',
])("'%s' is no range", (text) => {
  expect(parseRanges(['10.0.0.0/8', text])).toEqual({ ok: false, problem: text })
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[::ffff:203.0.113.7]:4711', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7:4711, 10.0.0.2:80', '203.0.113.7'],
  ['203.0.113.7:port', '203.0.113.7:port'],
])("behind a trusted proxy, '%s' is the client %s", (forwarded, client) => {
  const parsed = parseRanges(['10.0.0.0/8'])
  if (!parsed.ok) throw new Error(parsed.problem)
  const socket = { remoteAddress: '10.0.0.1' } as Socket

  const found = createAddressReader(parsed.ranges)({ headers: { 'x-forwarded-for': forwarded }, socket })

  expect(found).toBe(client)
})

test('an IPv4 network contains exactly the addresses with its first bits', () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 32 }), fc.boolean(), (network, other, bits, isNear) => {
      const address = isNear ? (network ^ (1 << (31 - Math.min(bits, 31)))) >>> 0 : other
      const parsed = parseRanges([`${printAddress(network)}/${bits}`])
      const same = bits === 0 || network >>> (32 - bits) === address >>> (32 - bits)
      expect(parsed.ok && parsed.ranges.contains(printAddress(address))).toBe(same)
    }),
  )
})

function printAddress(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.')
}
