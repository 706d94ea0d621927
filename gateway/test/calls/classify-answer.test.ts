import { wireErrors } from '@anthology/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { classifyAnswer } from '../../src/calls/classify-answer.ts'
import type { Asked } from '../../src/calls/classify-answer.ts'
import { readPlainAnswer } from '../../src/calls/meter.ts'

const message = '{"id":"msg_1","type":"message","content":[],"usage":{"input_tokens":1,"output_tokens":1}}'
const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
const chat: Asked = { billable: true, stream: false }
const streamedChat: Asked = { billable: true, stream: true }
const count: Asked = { billable: false, stream: false }

test('a message is an answer, and a token count is one where it was asked for', () => {
  expect(classify(200, message, chat)).toEqual({ kind: 'answered' })
  expect(classify(201, message, chat)).toEqual({ kind: 'answered' })
  expect(classify(200, '{"input_tokens":12}', count)).toEqual({ kind: 'answered' })
  expect(classify(200, '{"input_tokens":12}', chat)).toMatchObject({ failure: 'not_an_answer' })
  expect(classify(200, message, count)).toMatchObject({ failure: 'not_an_answer' })
})

describe('a success status with', () => {
  test.each(wireErrors.filter(({ status }) => status !== 401 && status !== 403))(
    'an error of the type $type has its status $status',
    ({ type, status }) => {
      const body = JSON.stringify({ type: 'error', error: { type, message: 'words' } })
      expect(classify(200, body, chat)).toEqual({ kind: 'upstream_error', status })
      expect(classify(200, body, streamedChat)).toEqual({ kind: 'upstream_error', status })
    },
  )

  test('an error of an unknown type has the status 500', () => {
    expect(classify(200, '{"error":{"type":"odd","message":"words"}}', chat)).toEqual({
      kind: 'upstream_error',
      status: 500,
    })
  })

  test.each([
    ['an empty body', ''],
    ['a page', '<html>Welcome</html>'],
    ['another object', '{"choices":[]}'],
    ['a list', '[]'],
    ['a truncated message', message.slice(0, -1)],
    ['compressed bytes without a content-encoding', '\u001f\u008b\u0008\u0000'],
  ])('%s is no answer', (_, body) => {
    expect(classify(200, body, chat)).toMatchObject({ failure: 'not_an_answer' })
  })
})

test('a message where a stream was asked for, or the reverse, is a failure', () => {
  expect(classify(200, message, streamedChat)).toMatchObject({ failure: 'not_streamed' })
  expect(classify(200, '', chat, true)).toMatchObject({ failure: 'streamed_unasked' })
})

test('a rejected credential is a failure of the gateway, with the words of the upstream', () => {
  const body = JSON.stringify({
    type: 'error',
    error: { type: 'authentication_error', message: 'invalid x-api-key' },
  })
  const expected = { kind: 'failure', failure: 'credential_rejected', words: 'invalid x-api-key' }
  expect(classify(401, body, chat)).toEqual(expected)
  expect(classify(200, body, chat)).toEqual(expected)
  expect(classify(400, body, chat)).toEqual(expected)
  expect(classify(500, body, chat)).toEqual({ kind: 'upstream_error', status: 500 })
  expect(classify(403, overloaded, chat)).toMatchObject({ failure: 'account_not_permitted' })
})

test('any other error of the upstream keeps its status', () => {
  expect(classify(529, overloaded, chat)).toEqual({ kind: 'upstream_error', status: 529 })
  expect(classify(418, '<html>', chat)).toEqual({ kind: 'upstream_error', status: 418 })
})

test('only a success status with the right kind of body is answered, and an error status is one of HTTP', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 999 }),
      fc.oneof(fc.constantFrom(message, overloaded, '', '{"input_tokens":1}'), fc.string(), fc.json()),
      fc.record({ billable: fc.boolean(), stream: fc.boolean() }),
      fc.boolean(),
      (status, body, asked, streamed) => {
        const answer = classify(status, body, asked, streamed)
        if (answer.kind === 'answered') expect([Math.trunc(status / 100), streamed]).toEqual([2, false])
        if (answer.kind === 'upstream_error') expect(answer.status >= 400 && answer.status < 600).toBe(true)
      },
    ),
  )
})

function classify(status: number, text: string, asked: Asked, streamed = false) {
  const body = Buffer.from(text, 'latin1')
  return classifyAnswer({ status, body, kind: readPlainAnswer(body).kind, streamed }, asked)
}
