import { expect, test } from 'vitest'

import { createIdGenerator } from '../src/ids.ts'

test('ids do not repeat within one emulator', () => {
  const identity = createIdGenerator('seed')
  const ids = Array.from({ length: 2_000 }, () => [
    identity.nextRequestId(),
    identity.nextMessageId(),
    identity.nextBatchId(),
    identity.nextFileId(),
  ]).flat()

  expect(new Set(ids).size).toBe(8_000)
  for (const id of ids) expect(id).toMatch(/^(req|msg|msgbatch|file)_01\w{22}$/)
})

test('the same seed gives the same ids, another seed gives others', () => {
  const [one, same, other] = ['a', 'a', 'b'].map((seed) => createIdGenerator(seed))

  expect(one?.nextRequestId()).toBe(same?.nextRequestId())
  expect(one?.organizationId).toBe(same?.organizationId)
  expect(one?.nextRequestId()).not.toBe(other?.nextRequestId())
  expect(one?.organizationId).not.toBe(other?.organizationId)
})

test('request ids may come from the caller', () => {
  expect(createIdGenerator('seed', { nextRequestId: () => 'req_mine' }).nextRequestId()).toBe('req_mine')
})

test('with another idSeed the ids differ, and the answers do not', () => {
  const [one, other] = ['first', 'second'].map((idSeed) => createIdGenerator('seed', { idSeed }))

  expect(one?.nextBatchId()).not.toBe(other?.nextBatchId())
  expect(one?.organizationId).toBe(other?.organizationId)
})
