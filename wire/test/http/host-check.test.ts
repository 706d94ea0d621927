import { describe, expect, test } from 'vitest'

import { createHostCheck, isLoopbackHost } from '../../src/http/index.ts'

const loopbackNames = [
  'localhost',
  'LocalHost:7171',
  'localhost.',
  'localhost.:80',
  'app.localhost:7171',
  '127.0.0.1',
  '127.8.9.10:65535',
  '[::1]',
  '[::1]:7171',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]:7171',
  'host.docker.internal:7171',
  'host.containers.internal',
]

const otherNames = [
  '',
  'evil.example',
  'evil.example:7171',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '127.0.0.1.evil.example.',
  'localhost..',
  'localhost@evil.example',
  'evil.example#localhost',
  'evil.example/localhost',
  'evil.example, localhost',
  'localhost:99999',
  '128.0.0.1',
  '192.168.0.7:7171',
  '[::2]',
  '[2001:db8::1]:7171',
  '[::ffff:192.168.0.7]',
]

describe('on a loopback address', () => {
  test.each(['127.0.0.1', '::1'])('%s accepts loopback names in every spelling, and no other', (address) => {
    const check = createHostCheck([], address)

    expect(loopbackNames.filter((name) => !check.accepts(name))).toEqual([])
    expect(otherNames.filter((name) => check.accepts(name))).toEqual([])
  })

  test('accepts configured names too, on any port', () => {
    const check = createHostCheck(['Claude.Example', 'gateway'], '127.0.0.1')

    expect(['claude.example:443', 'CLAUDE.example.', 'gateway'].every((name) => check.accepts(name))).toBe(
      true,
    )
    expect(['my.claude.example', 'claude.example.org'].some((name) => check.accepts(name))).toBe(false)
  })
})

describe('on another address', () => {
  test('accepts every name: a proxy or a container may have any', () => {
    const check = createHostCheck([], '0.0.0.0')

    expect([...loopbackNames, ...otherNames].every((name) => check.accepts(name))).toBe(true)
  })

  test('accepts configured names, loopback names and IP addresses once a name is configured', () => {
    const check = createHostCheck(['claude.example'], '::')

    for (const name of ['claude.example', 'localhost:7171', '10.1.2.3:7171', '[2001:db8::1]:7171'])
      expect(check.accepts(name), name).toBe(true)
    for (const name of ['evil.example', '10.1.2.3.evil.example', ''])
      expect(check.accepts(name), name).toBe(false)
  })
})

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['localhost', true],
  ['app.localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['[::ffff:7f00:1]', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['127.example.com', false],
  ['localhost.example', false],
  // A container reaches its host by this name; other machines may reach that address too.
  ['host.docker.internal', false],
])('%s can be reached from this machine only: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected)
})
