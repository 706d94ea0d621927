import {
  chatError,
  createConverseStream,
  createInvokeStreamEncoder,
  encodeFrame,
  encodeSse,
  exceptionFrameHeaders,
  exceptionMember,
} from '@anthology/wire'

import type { Route } from '../api/route.ts'
import type { Fault } from '../scenario/scenario.ts'
import { getClaudeText, getStreamExceptionText, isClaudeType } from './error-texts.ts'
import { findException } from './fault-failure.ts'

/** Encodes the error event of a fault for an open stream, in the form of the route's protocol. */
export function encodeErrorEvent(type: string, { error }: Pick<Fault, 'error'>, route: Route): Uint8Array {
  const message = typeof error === 'string' ? error : error?.message
  switch (route.kind) {
    case 'openai':
      return utf8.encode(`data: ${JSON.stringify(chatError(type, message ?? getClaudeText(500, type)))}\n\n`)
    case 'bedrock':
      return encodeException(type, message, route.path.operation === 'converse_stream')
    case 'messages':
    case 'vertex':
    case 'not_found':
    case 'wrong_method':
      return encodeSse('error', createEnvelope(type, message ?? getClaudeText(500, type)))
  }
}

/** An exception of Bedrock, or a type that no API has, keeps its name; a type of the Claude API becomes an exception. */
function encodeException(type: string, given: string | undefined, isConverse: boolean): Uint8Array {
  const exception = findException(type)
  const message = given ?? getStreamExceptionText(type, exception)
  if (!isClaudeType(type)) {
    const name = exception === null ? type : exceptionMember(exception)
    return encodeFrame(exceptionFrameHeaders(name), utf8.encode(JSON.stringify({ message })))
  }
  if (!isConverse)
    return createInvokeStreamEncoder().encode(encodeSse('error', createEnvelope(type, message)))
  const [member] = createConverseStream({ latencyMs: () => 0 }).translate({
    type: 'error',
    error: { type, message },
  })
  const name = member?.kind === 'exception' ? member.exceptionType : 'internalServerException'
  return encodeFrame(exceptionFrameHeaders(name), utf8.encode(JSON.stringify(member?.payload ?? { message })))
}

/** Inside a stream, the envelope has no request id. */
function createEnvelope(type: string, message: string): string {
  return JSON.stringify({ type: 'error', error: { type, message } })
}

const utf8 = new TextEncoder()
