import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareAnswers, readAnswerFacts } from '../src/index.ts'

function message(content: readonly object[], stopReason = 'end_turn') {
  const body = {
    type: 'message',
    content,
    stop_reason: stopReason,
    usage: { input_tokens: 3, output_tokens: 4 },
  }
  return { status: 200, body, tookMs: 5, costUsd: '0.1' }
}

const text = message([{ type: 'text', text: '{"a":1}' }])
const tool = message([{ type: 'tool_use', name: 'get_weather', input: { city: 'Lisbon' } }], 'tool_use')
const json = { output_config: { format: { type: 'json_schema', schema: {} } } }

test('another text is no difference; another end, tool or error is one', () => {
  const other = message([{ type: 'text', text: 'other words' }])
  const error = {
    status: 400,
    body: { error: { type: 'invalid_request_error', message: 'no' } },
    tookMs: 1,
    costUsd: null,
  }
  const facts = (answer: typeof text | typeof error) => readAnswerFacts(answer, {})

  expect(compareAnswers(facts(text), facts(other))).toEqual([])
  expect(compareAnswers(facts(text), facts(tool)).map(({ aspect }) => aspect)).toEqual([
    'stop_reason',
    'tool_calls',
  ])
  expect(compareAnswers(facts(tool), facts(error)).map(({ aspect, after }) => [aspect, after])).toEqual([
    ['error', '400 invalid_request_error no'],
    ['stop_reason', 'none'],
    ['tool_calls', 'none'],
  ])
})

test('JSON counts only where the request asked for it', () => {
  const broken = message([{ type: 'text', text: 'not JSON' }])

  expect(readAnswerFacts(broken, {}).isStructured).toBeNull()
  expect([text, broken].map((answer) => readAnswerFacts(answer, json).isStructured)).toEqual([true, false])
})

test('no answer breaks the comparison, and an answer does not differ from itself', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer(), (body, status) => {
      const facts = readAnswerFacts({ status, body }, json)
      expect(compareAnswers(facts, facts)).toEqual([])
    }),
  )
})
