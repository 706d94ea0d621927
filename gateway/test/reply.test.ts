import { expect, test } from 'vitest'

import { Refusal, errors } from '../src/errors.ts'
import { encodeRefusal } from '../src/reply.ts'
import { createRequestId, randomText } from '../src/request-id.ts'

test.each(Object.entries(errors))('writes %s in the envelope of the protocol', (_, kind) => {
  const body: unknown = JSON.parse(encodeRefusal(kind, 'why "it" was refused\n', 'req_1').toString())

  expect(body).toEqual({
    type: 'error',
    error: { type: kind.type, message: 'why "it" was refused\n' },
    request_id: 'req_1',
  })
})

test('asks no client to send again what will be refused again', () => {
  const passing = [408, 429]
  const refusedForGood = Object.values(errors).filter(
    ({ status }) => status < 500 && !passing.includes(status),
  )

  expect(refusedForGood.map(({ retry }) => retry)).toEqual(refusedForGood.map(() => false))
})

test('takes the kind of a refusal from the table unless one is given', () => {
  const own = { status: 418, type: 'api_error', retry: false } as const

  expect(new Refusal('no_key', 'why').kind).toBe(errors.no_key)
  expect(new Refusal('no_key', 'why', own).kind).toBe(own)
})

test('makes request ids that lie in the order of time', () => {
  const times = [0, 1, 57, 58, 1_700_000_000_000, 1_700_000_000_001, 58 ** 7 - 1]

  const ids = times.map((timeMs) => createRequestId(timeMs))

  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
})

test('makes request ids in the look of the platform', () => {
  const ids = new Set(Array.from({ length: 1_000 }, createRequestId))

  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
  expect([0, 1, 300].map((length) => randomText(length).length)).toEqual([0, 1, 300])
})
