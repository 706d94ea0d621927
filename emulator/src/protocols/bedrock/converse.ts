import { getEffectiveDay, limitOn } from '@anthology/catalog'
import {
  converseAnswer,
  converseToMessages,
  createConverseStream,
  encodeFrame,
  eventFrameHeaders,
  exceptionFrameHeaders,
  maxConverseDocuments,
  parseExactJson,
  joinBytes,
} from '@anthology/wire'
import type { BedrockError, ConverseStreamMember, Message, StreamEvent } from '@anthology/wire'

import type { CloudRequest } from '../cloud/messages-call.ts'
import { asMessagesCall } from '../cloud/messages-call.ts'
import type { Frame, Reply } from '../../http/reply.ts'
import { createMessage } from '../../message/create-message.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { withBedrockIds, computePacedMs, translateError } from './call.ts'
import type { BedrockCall } from './call.ts'
import { findEscapeError } from './errors.ts'
import { findBetaError } from './invocation.ts'
import { bedrockErrorReply, bedrockReply, bedrockStreamReply, withNotices } from './reply.ts'
import { createPadding, paddingLetters, readEvents } from './stream.ts'

/** Converse: translates the request to the Messages API, and the response back. */
export function* converse(call: BedrockCall, settings: Settings): Steps<Reply> {
  const startMs = settings.now()
  const read = yield* readRequest(call, { stream: false, settings })
  if (!read.ok) return bedrockErrorReply(read.error, call.head)
  const reply = yield* createMessage(asMessagesCall(call, read.request), withBedrockIds(settings))
  if (reply.status !== 200) return translateError(reply, call)
  const { bytes, tokens } = readBody(reply)
  // The emulator itself encoded this message.
  const message = JSON.parse(utf8.decode(bytes)) as Message
  const latencyMs = settings.now() - startMs + computePacedMs(tokens, settings)
  const { response, notices } = converseAnswer(message, { latencyMs, ...read.responseOptions })
  return bedrockReply(withNotices(reply, [...call.notices, ...read.notices, ...notices]), call.head, {
    bytes: encoder.encode(JSON.stringify(response)),
    tokens,
  })
}

/** ConverseStream: translates the events of the Messages API to the members of Converse's stream. */
export function* converseStream(call: BedrockCall, settings: Settings): Steps<Reply> {
  const startMs = settings.now()
  const read = yield* readRequest(call, { stream: true, settings })
  if (!read.ok) return bedrockErrorReply(read.error, call.head)
  const reply = yield* createMessage(asMessagesCall(call, read.request), withBedrockIds(settings))
  if (reply.status !== 200) return translateError(reply, call)
  const encoder = createConverseStream({ latencyMs: () => settings.now() - startMs, ...read.responseOptions })
  const encode = createMemberEncoder(createPadding(call.head.requestId))
  const frames = translateFrames(reply.frames, (event) => encoder.translate(event).map(encode))
  return bedrockStreamReply(withNotices(reply, [...call.notices, ...read.notices]), call.head, { frames })
}

export type Conversation =
  | {
      readonly ok: true
      readonly request: CloudRequest
      readonly notices: readonly string[]
      /** The options that affect the response. */
      readonly responseOptions: { readonly responsePaths: readonly string[]; readonly serviceTier?: string }
    }
  | { readonly ok: false; readonly error: BedrockError }

function* readRequest(call: BedrockCall, options: ConversationOptions): Steps<Conversation> {
  const error = findEscapeError(call.request.body)
  if (error) return { ok: false, error }
  yield
  return yield* readConversation(parseText(call.request.body), call, options)
}

interface ConversationOptions {
  readonly stream: boolean
  readonly settings: Settings
}

/** Translates a Converse body to a Messages body of version 2023-06-01, the only one that Converse supports. */
export function* readConversation(
  body: unknown,
  { model }: Pick<BedrockCall, 'model'>,
  { stream, settings }: ConversationOptions,
): Steps<Conversation> {
  const { servedModels } = settings
  const { maxOutput } = model
  const defaultMaxTokens = limitOn(
    maxOutput,
    getEffectiveDay(model, servedModels.lifecycle, servedModels.asOf()),
  ).tokens
  yield
  const translated = converseToMessages(body, { model: model.id, defaultMaxTokens, stream })
  if (!translated.ok) return { ok: false, error: translated.problem }
  const { betas, notices, responsePaths, serviceTier } = translated
  const error = findBetaError(betas, servedModels) ?? findDocumentError(translated)
  if (error) return { ok: false, error }
  yield
  return {
    ok: true,
    request: {
      platform: 'bedrock',
      body: encoder.encode(JSON.stringify(translated.body)),
      betas,
      apiVersion: '2023-06-01',
    },
    notices,
    responseOptions: { responsePaths, ...(serviceTier !== undefined && { serviceTier }) },
  }
}

/** The text is from issue 1685 of aws-samples/generative-ai-use-cases; the number is in "API restrictions" of the guide. */
function findDocumentError({ documents }: { readonly documents: number }): BedrockError | null {
  if (documents <= maxConverseDocuments) return null
  const message = `You can't include more than ${maxConverseDocuments} documents in a request.`
  return { type: 'ValidationException', message }
}

function* translateFrames(
  frames: Iterator<Frame>,
  translate: (event: StreamEvent) => readonly Uint8Array[],
): Generator<Frame, void> {
  for (const { tokens, events } of readEvents(frames)) {
    const bytes = joinBytes(events.flatMap(translate))
    if (bytes.length > 0 || tokens > 0) yield { bytes, tokens }
  }
}

/** Encodes a member as a message of AWS's event stream; except for exceptions, the payload includes padding. */
function createMemberEncoder(paddingLength: () => number): (member: ConverseStreamMember) => Uint8Array {
  return (member) => {
    if (member.kind === 'exception') {
      const payload = encoder.encode(JSON.stringify(member.payload))
      return encodeFrame(exceptionFrameHeaders(member.exceptionType), payload)
    }
    const padded = { ...member.payload, p: paddingLetters.slice(0, paddingLength()) }
    return encodeFrame(eventFrameHeaders(member.eventType), encoder.encode(JSON.stringify(padded)))
  }
}

/** Returns undefined for invalid JSON, which the translation rejects with AWS's text. */
function parseText(body: Uint8Array | null): unknown {
  return parseExactJson(utf8.decode(body ?? new Uint8Array()))
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()
