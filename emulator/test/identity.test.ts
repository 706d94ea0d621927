import { expect, test } from 'vitest'

import { createIdentity } from '../src/identity.ts'

test('ids do not repeat within a life', () => {
  const identity = createIdentity('seed')
  const ids = Array.from({ length: 2_000 }, () => [identity.nextRequestId(), identity.nextMessageId()]).flat()

  expect(new Set(ids).size).toBe(4_000)
})

test('a seed gives the same ids again, another seed others', () => {
  const [one, same, other] = ['a', 'a', 'b'].map((seed) => createIdentity(seed))

  expect(one?.nextRequestId()).toBe(same?.nextRequestId())
  expect(one?.organizationId).toBe(same?.organizationId)
  expect(one?.nextRequestId()).not.toBe(other?.nextRequestId())
  expect(one?.organizationId).not.toBe(other?.organizationId)
})

test('request ids may come from outside', () => {
  expect(createIdentity('seed', () => 'req_mine').nextRequestId()).toBe('req_mine')
})
