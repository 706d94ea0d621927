import {
  toBedrockError,
  bedrockTexts,
  editsToMessages,
  encodeBedrockError,
  firstPartyBetas,
  indexBody,
  invokeMembers,
  isBase64,
  parseBedrockModelId,
  parseCountTokens,
  readInvokeBody,
} from '@anthology/wire'
import type { BedrockErrorType, BedrockModelId } from '@anthology/wire'

import { readMembers } from '../../calls/call.ts'
import { ApiError } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import type { BedrockOperation } from '../../http/route.ts'
import { listLeniencies, versionLeniency } from './leniency.ts'
import { checkBounds, readConverse, readConverseCount } from './converse-request.ts'
import { countTokensEdits, countTokensMembers } from './count-tokens.ts'
import type {
  ResponseTranslator,
  Protocol,
  ProtocolRequest,
  InboundRequest,
  ApiErrorParts,
} from '../protocol.ts'
import type { BufferedResponse } from '../../http/client-exchange.ts'
import { readInvokeOptions } from './invoke-options.ts'
import { createInvokeTranslator, createTokenCountTranslator } from './invoke-response.ts'
import { messagesHeaders } from '../messages.ts'
import { pauseBetweenSteps } from '../../slices.ts'
import { usePlatformWords } from '../platform-words.ts'

/** Claude on Amazon Bedrock: InvokeModel, Converse, their streams, and CountTokens. */
export function createBedrockProtocol(route: BedrockOperation): Protocol {
  const parsed = parseBedrockModelId(route.modelId)
  return {
    name: 'bedrock',
    platform: 'bedrock',
    // AWS clients send `application/json`, `application/octet-stream` or none.
    contentType: null,
    path: { billable: route.operation !== 'count_tokens', model: parsed.ok ? parsed.id.text : null },
    forwardsRateLimits: false,
    read: (source) => readOperation(route, parsed, source),
    toErrorResponse: toBedrockErrorResponse,
  }
}

/** Node's decoder, which is several times as fast as the pure one. */
function decodeBase64(text: string): Uint8Array | null {
  return isBase64(text) ? Buffer.from(text, 'base64') : null
}

async function readOperation(
  { operation }: BedrockOperation,
  parsed: ReturnType<typeof parseBedrockModelId>,
  source: ProtocolRequest,
): Promise<InboundRequest> {
  if (!parsed.ok) throw new ApiError('bad_request', parsed.message)
  const inbound = await readBody(operation, parsed.id, source)
  const found = source.resolveModel(parsed.id.text)
  return { ...inbound, notices: [...inbound.notices, ...listLeniencies(parsed.id, found, operation)] }
}

async function readBody(
  operation: BedrockOperation['operation'],
  { text: model }: BedrockModelId,
  source: ProtocolRequest,
): Promise<InboundRequest> {
  switch (operation) {
    case 'invoke':
    case 'invoke_stream':
      return readInvocation(model, source, operation === 'invoke_stream')
    case 'converse':
    case 'converse_stream':
      return readConverse(model, source, operation === 'converse_stream')
    case 'count_tokens': {
      checkBounds(source.body)
      const count = parseCountTokens(source.body, decodeBase64)
      if (!count.ok) throw new ApiError('bad_request', count.message)
      await pauseBetweenSteps(source.body)
      const shape = createTokenCountTranslator()
      return count.kind === 'converse'
        ? readConverseCount(model, source, { converse: count.converse, shape })
        : readInvocationCount(model, { ...source, body: count.body }, shape)
    }
  }
}

/** Keeps the client's bytes: version and betas move to headers, and `stream` is added (the model by the attempt). */
function readInvocation(model: string, source: ProtocolRequest, stream: boolean): InboundRequest {
  const read = readInvokeMembers(model, source, stream)
  return {
    ...read,
    notices: [...read.notices, ...readInvokeOptions(source.request)],
    billable: true,
    path: '/v1/messages',
    translator: createInvokeTranslator(source, stream),
  }
}

function readInvocationCount(
  model: string,
  source: ProtocolRequest,
  shape: ResponseTranslator,
): InboundRequest {
  const read = readInvokeMembers(model, source, false)
  const patches = [...read.patches, ...countTokensEdits(read.index)]
  return { ...read, patches, billable: false, path: '/v1/messages/count_tokens', translator: shape }
}

function readInvokeMembers(
  model: string,
  { request, body, resolveModel }: ProtocolRequest,
  stream: boolean,
): Omit<InboundRequest, 'billable' | 'path' | 'translator'> {
  const index = indexBody(body, members)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const read = readInvokeBody(body, index, { takesOlder: true })
  if (!read.ok) throw new ApiError('bad_request', read.message)
  const betas = firstPartyBetas(read.betas)
  return {
    requestedModel: model,
    stream,
    body,
    index,
    // The attempt sets the model name, which depends on the upstream's platform.
    patches: editsToMessages({ model, stream }).filter(({ member }) => member !== 'model'),
    headers: messagesHeaders(request, { version: read.apiVersion, betas }),
    betas,
    notices: versionLeniency(resolveModel(model), read.version),
  }
}

const members: ReadonlySet<string> = new Set([...readMembers, ...invokeMembers, ...countTokensMembers])

/** Formats an error as an AWS exception. */
export function toBedrockErrorResponse({
  code,
  kind,
  message,
  requestId,
  headers: more,
}: ApiErrorParts): BufferedResponse {
  const named = kind.exception ?? exceptions[code]
  const type = named ?? toBedrockError({ status: kind.status, type: kind.type, message }).type
  const worded = usePlatformWords(texts, { code, message })
  const { status, headers, body } = encodeBedrockError({ type, message: worded.message }, requestId)
  const own: Record<string, string> = {
    ...headers,
    ...worded.headers,
    'x-should-retry': String(kind.retry),
  }
  if (kind.retry) own['retry-after'] = more['retry-after'] ?? '1'
  return { status, headers: own, body }
}

/**
 * Errors whose exception does not follow from their status. AWS clients ignore `x-should-retry`, so a call that must
 * not be repeated gets an exception that they do not retry.
 */
const exceptions: Partial<Record<ErrorCode, BedrockErrorType>> = {
  no_key: 'MissingAuthenticationTokenException',
  unknown_key: 'AccessDeniedException',
  unknown_model: 'ValidationException',
  retired_model: 'ResourceNotFoundException',
  no_route: 'UnknownOperationException',
  wrong_method: 'UnknownOperationException',
  answer_too_large: 'ModelErrorException',
  answer_unreadable: 'ModelErrorException',
  upstream_redirects: 'ModelErrorException',
  upstream_credential: 'ModelErrorException',
}

/** Errors with a text of AWS's own; a body that is too large gets the text for a prompt that is too long. */
const texts: Partial<Record<ErrorCode, string>> = {
  no_key: bedrockTexts.missingToken,
  unknown_key: bedrockTexts.unknownApiKey,
  unknown_model: bedrockTexts.unknownModel,
  retired_model: bedrockTexts.endOfLife,
  no_route: bedrockTexts.unknownOperation,
  body_too_large: bedrockTexts.inputTooLong,
}
