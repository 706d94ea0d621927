import { expect, test } from 'vitest'

import { parseAbsoluteTarget } from '../../src/http/index.ts'

test.each([
  ['http://localhost:7300/v1/models?limit=1', 'localhost:7300', '/v1/models?limit=1'],
  ['HTTP://[::1]/a//b', '[::1]', '/a//b'],
  ['http://localhost', 'localhost', '/'],
  ['http://localhost?x=/', 'localhost', '/?x=/'],
])('%s is for %s', (target, authority, path) => {
  expect(parseAbsoluteTarget(target, false)).toEqual({ authority, path })
})

test('an https target is accepted over TLS only', () => {
  expect(parseAbsoluteTarget('https://localhost/x', false)).toBeNull()
  expect(parseAbsoluteTarget('https://localhost/x', true)).toEqual({ authority: 'localhost', path: '/x' })
})

test.each(['/v1/models', '//host/path', '*', '', 'localhost:7300', 'ftp://localhost/', 'http:///path'])(
  '%j is in no absolute form',
  (target) => expect(parseAbsoluteTarget(target, false)).toBeNull(),
)

test('a target with a user or a fragment is not accepted', () => {
  expect(parseAbsoluteTarget('http://user@localhost/', false)).toBeNull()
  expect(parseAbsoluteTarget('http://localhost#x', false)).toBeNull()
})
