import { check, hasBedrockTokenCount, readFacts } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import {
  encodeCountTokens,
  findExceededBound,
  formatProblem,
  parseCountTokens,
  parseJson,
  parseMessagesRequest,
} from '@anthology/wire'
import type { BedrockError, TokenCount } from '@anthology/wire'

import type { CloudRequest } from '../cloud/messages-call.ts'
import { asMessagesCall } from '../cloud/messages-call.ts'
import { countTokens } from '../../api/count-tokens.ts'
import type { ServedModels } from '../../api/served-models.ts'
import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { translateError } from './call.ts'
import type { BedrockCall } from './call.ts'
import { readConversation } from './converse.ts'
import { readInvocation } from './invocation.ts'
import { bedrockErrorReply, bedrockReply } from './reply.ts'
import { findEscapeError, mapBedrockError } from './errors.ts'

/**
 * CountTokens ("Monitor your token usage by counting tokens", Amazon Bedrock guide, 2026): the input of an
 * InvokeModel or a Converse call, counted as the Messages API counts it.
 */
export function* countBedrockTokens(call: BedrockCall, settings: Settings): Steps<Reply> {
  const { head } = call
  if (call.isProfile || !hasBedrockTokenCount(call.model)) return bedrockErrorReply(noCount, head)
  const read = yield* readInput(call, settings)
  if (!read.ok) return bedrockErrorReply(read.error, head)
  const reply = yield* countTokens(asMessagesCall(call, read.request), settings)
  if (reply.status !== 200) return translateError(reply, call)
  // The emulator itself encoded this count.
  const count = JSON.parse(utf8.decode(readBody(reply).bytes)) as TokenCount
  return bedrockReply(reply, head, { bytes: encodeCountTokens(count.input_tokens), tokens: 0 })
}

/** Only the model's own id is accepted, and not for every model. */
const noCount: BedrockError = {
  type: 'ValidationException',
  message: "The provided model doesn't support counting tokens.",
}

type Input =
  | { readonly ok: true; readonly request: CloudRequest }
  | { readonly ok: false; readonly error: BedrockError }

function* readInput(call: BedrockCall, settings: Settings): Steps<Input> {
  const error = findEscapeError(call.request.body)
  if (error) return { ok: false, error }
  yield
  const input = parseCountTokens(call.request.body ?? new Uint8Array())
  if (!input.ok) return { ok: false, error: input }
  // The bounds of the request's own body do not see what is in its base64.
  const exceeded = input.kind === 'invokeModel' ? findExceededBound(input.body) : null
  if (exceeded !== null) return { ok: false, error: { type: 'ValidationException', message: exceeded } }
  yield
  const read =
    input.kind === 'invokeModel'
      ? readInvocation(input.body, { model: call.model, stream: false, servedModels: settings.servedModels })
      : yield* readConversation(input.converse, call, { stream: false, settings })
  return read.ok ? yield* withoutAnswer(read.request, call, settings.servedModels) : read
}

/** The request must be valid as a whole; then the members that only affect the answer are removed. */
function* withoutAnswer(
  request: CloudRequest,
  { model }: BedrockCall,
  servedModels: ServedModels,
): Steps<Input> {
  const { apiVersion, betas } = request
  // Broken text is undefined, which the schema refuses.
  yield
  const value = parseJson(utf8.decode(request.body))
  yield
  const parsed = parseMessagesRequest(value, { apiVersion, asOf: servedModels.asOf() })
  if (!parsed.ok) return reject(formatProblem(parsed.problem), model)
  if (parsed.request.tools?.length === 0) return reject('tools: List should have at least 1 item', model)
  yield
  const facts = { ...readFacts(value, {}, { sized: false }), api_version: apiVersion, betas }
  const rules = { platform: 'bedrock', lifecycle: servedModels.lifecycle, asOf: servedModels.asOf() } as const
  const broken = check(facts, model, rules).find(({ severity }) => severity === 'error')
  if (broken) return reject(broken.message, model)
  yield
  const { max_tokens: _limit, stream: _stream, ...counted } = parsed.request
  return { ok: true, request: { ...request, body: encoder.encode(JSON.stringify(counted)) } }
}

/** The guide states that the list of tools must not be empty here; the text of that error is inferred. */
function reject(message: string, model: Model): Input {
  return { ok: false, error: mapBedrockError(400, { type: 'invalid_request_error', message }, model) }
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()
