import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMessageAccumulator } from '../../src/messages/accumulate.ts'
import { converseAnswer } from '../../src/converse/answer.ts'
import { converseToMessage, stopSequencePaths } from '../../src/converse/answer-to-messages.ts'
import { messagesToConverse } from '../../src/converse/from-messages.ts'
import { createConverseReader } from '../../src/converse/stream-to-messages.ts'
import { createConverseStream } from '../../src/converse/stream.ts'
import { converseToMessages } from '../../src/converse/to-messages.ts'
import type { Message } from '../../src/messages/message.ts'
import type { StreamEvent } from '../../src/messages/stream-event.ts'
import { answer, conversation } from './conversations.ts'
import { getEvents } from './stream-events.ts'

const identity = { id: 'msg_1', model: 'claude-opus-4-8' }

test('a request survives a round trip through Converse', () => {
  fc.assert(
    fc.property(conversation, (request) => {
      const there = messagesToConverse(request)
      if (!there.ok) throw new Error(JSON.stringify(there.problem))
      // On the wire it is text.
      const body: unknown = JSON.parse(JSON.stringify(there.body))
      const back = converseToMessages(body, {
        model: request.model,
        defaultMaxTokens: 1,
        stream: there.stream,
      })

      if (!back.ok) throw new Error(JSON.stringify(back.problem))
      const { notices, documents, ...rest } = back
      expect(rest).toEqual({
        ok: true,
        body: JSON.parse(JSON.stringify(request)),
        betas: [],
        responsePaths: request.stop_sequences ? stopSequencePaths : [],
      })
      expect(documents).toBe(JSON.stringify(there.body).split('{"document":').length - 1)
      // Notices about Bedrock's limits are only added on the way from Converse; on the way there Bedrock
      // checks them itself.
      expect(notices.filter((text) => !text.startsWith('Bedrock takes'))).toEqual(there.notices)
    }),
  )
})

test('a response survives a round trip through Converse', () => {
  fc.assert(
    fc.property(answer, (message) => {
      const { response, notices } = converseAnswer(message, {
        latencyMs: 3,
        responsePaths: stopSequencePaths,
      })
      const back = converseToMessage(JSON.parse(JSON.stringify(response)), identity)

      expect(notices).toEqual([])
      expect(back).toEqual({ message: JSON.parse(JSON.stringify(message)), notices: [] })
    }),
  )
})

test('a streamed response survives a round trip through Converse, however its deltas are cut', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 9 }), (message, pieceLength) => {
      const stream = createConverseStream({ latencyMs: () => 3, responsePaths: stopSequencePaths })
      const read = createConverseReader(identity)
      const frames = getEvents(message, pieceLength).flatMap((event) => stream.translate(event))
      const events = frames.flatMap((frame) =>
        read({
          kind: frame.kind,
          type: frame.kind === 'event' ? frame.eventType : frame.exceptionType,
          payload: JSON.parse(JSON.stringify(frame.payload)),
        }),
      )

      expect(accumulated(events)).toEqual(JSON.parse(JSON.stringify(message)))
    }),
  )
})

test('a stream has the same content as the whole response', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 9 }), (message, pieceLength) => {
      const stream = createConverseStream({ latencyMs: () => 3 })
      const frames = getEvents(message, pieceLength).flatMap((event) => stream.translate(event))
      const { response } = converseAnswer(message, { latencyMs: 3 })

      const payloads = frames.map((frame) => [
        frame.kind === 'event' ? frame.eventType : frame.kind,
        frame.payload,
      ])
      expect(payloads[0]).toEqual(['messageStart', { role: 'assistant' }])
      expect(payloads.slice(-2)).toEqual([
        ['messageStop', { stopReason: response.stopReason }],
        ['metadata', { usage: response.usage, metrics: response.metrics }],
      ])
      const stops = payloads.filter(([type]) => type === 'contentBlockStop')
      expect(stops).toEqual(
        message.content.map((_, contentBlockIndex) => ['contentBlockStop', { contentBlockIndex }]),
      )
    }),
  )
})

function accumulated(events: readonly StreamEvent[]): unknown {
  const accumulator = createMessageAccumulator()
  for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })
  expect(accumulator.complete).toBe(true)
  const message = accumulator.message() as Message | null // The accumulated events of one message.
  return message
}
