import { expect, test } from 'vitest'

import { ApiError, errors } from '../../src/errors.ts'
import { encodeApiError } from '../../src/http/respond.ts'
import { createRequestId, randomText } from '../../src/http/request-id.ts'

test.each(Object.entries(errors))('writes %s in the envelope of the protocol', (_, kind) => {
  const body: unknown = JSON.parse(encodeApiError(kind, 'why "it" failed\n', 'req_1').toString())

  expect(body).toEqual({
    type: 'error',
    error: { type: kind.type, message: 'why "it" failed\n' },
    request_id: 'req_1',
  })
})

test('marks every error as final that a second try cannot change', () => {
  const temporary = [408, 429]
  const final = Object.values(errors).filter(({ status }) => status < 500 && !temporary.includes(status))

  expect(final.map(({ retry }) => retry)).toEqual(final.map(() => false))
})

test('uses the kind of the error table unless one is passed', () => {
  const own = { status: 418, type: 'api_error', retry: false } as const

  expect(new ApiError('no_key', 'why').kind).toBe(errors.no_key)
  expect(new ApiError('no_key', 'why', own).kind).toBe(own)
})

test('creates request ids that sort by time', () => {
  const times = [0, 1, 57, 58, 1_700_000_000_000, 1_700_000_000_001, 58 ** 7 - 1]

  const ids = times.map((timeMs) => createRequestId(timeMs))

  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
})

test('creates request ids in the format of the API', () => {
  const ids = new Set(Array.from({ length: 1_000 }, createRequestId))

  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
  expect([0, 1, 300].map((length) => randomText(length).length)).toEqual([0, 1, 300])
})
