import { createInvokeStreamEncoder } from '@anthology/wire'
import type { Message, MessageUsage } from '@anthology/wire'

import { asMessagesCall } from '../cloud/messages-call.ts'
import { createMessage } from '../../message/create-message.ts'
import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { withBedrockIds, computePacedMs, translateError } from './call.ts'
import type { BedrockCall } from './call.ts'
import { readInvocation } from './invocation.ts'
import { bedrockErrorReply, bedrockReply, bedrockStreamReply, withNotices } from './reply.ts'
import { readRequestOptions } from './request-options.ts'
import { createPadding, reframe } from './stream.ts'

/** InvokeModel: returns the message of the Messages API, with its token counts in headers. */
export function* invokeModel(call: BedrockCall, settings: Settings): Steps<Reply> {
  const startMs = settings.now()
  const invoked = yield* invoke(call, settings, false)
  if (!invoked.ok) return invoked.reply
  const { bytes, tokens } = readBody(invoked.reply)
  // The emulator itself encoded this message.
  const { usage } = JSON.parse(utf8.decode(bytes)) as Message
  const latencyMs = settings.now() - startMs + computePacedMs(tokens, settings)
  return bedrockReply(invoked.head, call.head, {
    bytes,
    tokens,
    headers: { ...countHeaders(usage, latencyMs), ...invoked.headers },
  })
}

/** InvokeModelWithResponseStream: wraps the events of the Messages API in messages of AWS's event stream. */
export function* streamModel(call: BedrockCall, settings: Settings): Steps<Reply> {
  const startMs = settings.now()
  const invoked = yield* invoke(call, settings, true)
  if (!invoked.ok) return invoked.reply
  const encoder = createInvokeStreamEncoder({ paddingLength: createPadding(call.head.requestId) })
  return bedrockStreamReply(invoked.head, call.head, {
    frames: reframe(invoked.reply.frames, encoder, () => settings.now() - startMs),
    headers: { 'x-amzn-bedrock-content-type': 'application/json', ...invoked.headers },
  })
}

type Invoked =
  | {
      readonly ok: true
      /** The reply of the Messages API. */
      readonly reply: Reply
      /** Its headers, with the notices of the invocation. */
      readonly head: Pick<Reply, 'headers'>
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly reply: Reply }

function* invoke(call: BedrockCall, settings: Settings, stream: boolean): Steps<Invoked> {
  const options = readRequestOptions(call.request.headers)
  if (!options.ok) return { ok: false, reply: bedrockErrorReply(options.error, call.head) }
  const { model } = call
  const read = readInvocation(call.request.body ?? empty, {
    model,
    stream,
    servedModels: settings.servedModels,
  })
  if (!read.ok) return { ok: false, reply: bedrockErrorReply(read.error, call.head) }
  yield
  const reply = yield* createMessage(asMessagesCall(call, read.request), withBedrockIds(settings))
  if (reply.status !== 200) return { ok: false, reply: translateError(reply, call) }
  const head = withNotices(reply, [...call.notices, ...options.notices])
  return { ok: true, reply, head, headers: options.headers }
}

/** The header names are from public issue reports, not from the published API; those of the cache are inferred. */
function countHeaders(usage: MessageUsage, latencyMs: number): Record<string, string> {
  return {
    'x-amzn-bedrock-invocation-latency': String(latencyMs),
    'x-amzn-bedrock-input-token-count': String(usage.input_tokens),
    'x-amzn-bedrock-output-token-count': String(usage.output_tokens),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cache_read_input_tokens ?? 0),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cache_creation_input_tokens ?? 0),
  }
}

const empty = new Uint8Array()
const utf8 = new TextDecoder()
