import { crc32 } from 'node:zlib'

import {
  type ConverseStreamMember,
  type Message,
  type StreamEvent,
  converseAnswer,
  createConverseStream,
  createSseDecoder,
  encodeFrame,
  eventFrameHeaders,
  eventStreamType,
  exceptionFrameHeaders,
  parseExactJson,
} from '@anthology/wire'

import { headerText, noticeHeader } from '../../http/headers.ts'
import type { AnswerShape, DoorRequest } from '../protocol.ts'
import { bedrockHeaders, tellError } from './invoke-response.ts'

export interface ConverseWishes {
  readonly stream: boolean
  readonly responsePaths: readonly string[]
  readonly serviceTier?: string
}

/** A message as Converse's answer, and its events as the members of Converse's stream. */
export function createConverseShape(
  { startedAtMs, nowMs }: Pick<DoorRequest, 'startedAtMs' | 'nowMs'>,
  { stream, ...wishes }: ConverseWishes,
): AnswerShape {
  const latencyMs = (): number => nowMs() - startedAtMs
  const translator = createConverseStream({ latencyMs, ...wishes })
  const decoder = createSseDecoder({ maxLineBytes: largestEventBytes, maxEventBytes: largestEventBytes })
  let ended = false

  function tell(frame: Uint8Array): readonly ConverseStreamMember[] {
    // Events that an upstream made up have a type that nothing is told of.
    return decoder
      .push(frame)
      .flatMap(({ data }) => translator.translate(parseExactJson(data) as StreamEvent))
  }

  return {
    whole(answer) {
      if (answer.status !== 200) return tellError(answer)
      if (stream) throw new Error('a message came where a stream was asked for')
      // A message is an object of this type or it is nothing that can be told; reading it then throws.
      const message = parseExactJson(utf8.decode(answer.body)) as Message
      const { response, notices } = converseAnswer(message, { latencyMs: latencyMs(), ...wishes })
      const headers = bedrockHeaders(answer.headers)
      if (notices.length > 0)
        headers[noticeHeader] = headerText([headers[noticeHeader] ?? [], ...notices].flat().join('; '))
      return { status: 200, headers, body: encoder.encode(JSON.stringify(response)) }
    },
    head: (headers) => ({ ...bedrockHeaders(headers), 'content-type': eventStreamType }),
    frame({ kind, bytes }) {
      if (ended) return nothing
      if (kind !== 'message_stop' && kind !== 'error') return encodeMembers(tell(bytes))
      ended = true
      return encodeMembers(tellEnd(tell, bytes))
    },
  }
}

/**
 * An event that cannot be read ends a stream with an error; whoever passes the
 * stream on sees to it. Of the last event that is too late: it must not throw,
 * and a client must not take a stream without a last word for complete.
 */
function tellEnd(
  tell: (frame: Uint8Array) => readonly ConverseStreamMember[],
  frame: Uint8Array,
): readonly ConverseStreamMember[] {
  try {
    const told = tell(frame)
    if (told.length > 0) return told
  } catch {
    // Said below.
  }
  const message = "the last event of the upstream's answer cannot be read"
  return [{ kind: 'exception', exceptionType: 'modelStreamErrorException', payload: { message } }]
}

function encodeMembers(members: readonly ConverseStreamMember[]): Uint8Array {
  return Buffer.concat(
    members.map((member) => {
      const payload = encoder.encode(JSON.stringify(member.payload))
      const headers =
        member.kind === 'event' ? headersOf(member.eventType) : exceptionFrameHeaders(member.exceptionType)
      return encodeFrame(headers, payload, crc32)
    }),
  )
}

const frameHeaders = new Map<string, Uint8Array>()

/** The same few headers in every frame of a kind. */
function headersOf(eventType: string): Uint8Array {
  const known = frameHeaders.get(eventType)
  if (known !== undefined) return known
  const made = eventFrameHeaders(eventType)
  frameHeaders.set(eventType, made)
  return made
}

/** One event may bring the whole result of a server tool. */
const largestEventBytes = 32 * 1024 * 1024

const nothing = new Uint8Array(0)
const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })
