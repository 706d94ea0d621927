import { crc32 } from 'node:zlib'

import {
  converseAnswer,
  createConverseStream,
  encodeFrame,
  eventFrameHeaders,
  eventStreamType,
  exceptionFrameHeaders,
  parseExactJson,
} from '@anthology/wire'
import type { ConverseStreamMember, Message, StreamEvent } from '@anthology/wire'

import { headerText, noticeHeader } from '../../http/headers.ts'
import { checkAnswerBounds } from '../answer-bounds.ts'
import type { ResponseTranslator, ProtocolRequest } from '../protocol.ts'
import { listEventData, readErrorEvent } from '../stream-events.ts'
import { bedrockHeaders, tellError } from './invoke-response.ts'

export interface ConverseOptions {
  readonly stream: boolean
  readonly responsePaths: readonly string[]
  readonly serviceTier?: string
}

/** Translates a message to a Converse response, and its events to members of Converse's stream. */
export function createConverseTranslator(
  { startedAtMs, nowMs }: Pick<ProtocolRequest, 'startedAtMs' | 'nowMs'>,
  { stream, ...options }: ConverseOptions,
): ResponseTranslator {
  const latencyMs = (): number => nowMs() - startedAtMs
  const translator = createConverseStream({ latencyMs, ...options })
  let ended = false

  function translate(frame: Uint8Array): readonly ConverseStreamMember[] {
    checkAnswerBounds(frame)
    // Unknown events have a type that the translation ignores.
    return listEventData(frame).flatMap((data) => translator.translate(parseExactJson(data) as StreamEvent))
  }

  return {
    translateBody(answer) {
      if (answer.status !== 200) return tellError(answer)
      if (stream) throw new Error('a message came where a stream was asked for')
      checkAnswerBounds(answer.body)
      // Not validated: translating anything else throws, and the call fails as `answer_unreadable`.
      const message = parseExactJson(utf8.decode(answer.body)) as Message
      const { response, notices } = converseAnswer(message, { latencyMs: latencyMs(), ...options })
      const headers = bedrockHeaders(answer.headers)
      if (notices.length > 0)
        headers[noticeHeader] = headerText([headers[noticeHeader] ?? [], ...notices].flat().join('; '))
      return { status: 200, headers, body: encoder.encode(JSON.stringify(response)) }
    },
    translateHead: (headers) => ({ ...bedrockHeaders(headers), 'content-type': eventStreamType }),
    translateEvent({ kind, bytes }) {
      if (ended) return nothing
      const members = kind === 'error' ? translator.translate(readErrorEvent(bytes)) : translate(bytes)
      // Without a final member a client could take the stream for complete; the relay sends an error in its place.
      if (kind === 'message_stop' && members.length === 0) throw new Error('the last event is none')
      ended = kind === 'message_stop' || kind === 'error'
      return encodeMembers(members)
    },
  }
}

function encodeMembers(members: readonly ConverseStreamMember[]): Uint8Array {
  return Buffer.concat(
    members.map((member) => {
      const payload = encoder.encode(JSON.stringify(member.payload))
      const headers =
        member.kind === 'event'
          ? createHeaders(member.eventType)
          : exceptionFrameHeaders(member.exceptionType)
      return encodeFrame(headers, payload, crc32)
    }),
  )
}

const frameHeaders = new Map<string, Uint8Array>()

/** Cached, because every frame of an event type has the same headers. */
function createHeaders(eventType: string): Uint8Array {
  const known = frameHeaders.get(eventType)
  if (known !== undefined) return known
  const created = eventFrameHeaders(eventType)
  frameHeaders.set(eventType, created)
  return created
}

const nothing = new Uint8Array(0)
const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })
