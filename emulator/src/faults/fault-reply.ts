import { bedrockErrors, getErrorType, toBedrockError, toGoogleError, wireErrors } from '@anthology/wire'
import type { VertexPath } from '@anthology/wire'

import type { Route } from '../api/route.ts'
import { errorReply, toHeaderText } from '../http/reply.ts'
import type { ApiError, Reply, ReplyHead } from '../http/reply.ts'
import { bedrockErrorReply } from '../protocols/bedrock/reply.ts'
import { chatErrorReply } from '../protocols/openai/chat-reply.ts'
import { findVertexModel } from '../protocols/vertex/model.ts'
import { describeQuota } from '../protocols/vertex/quota.ts'
import { vertexReply } from '../protocols/vertex/reply.ts'
import type { Fault } from '../scenario/scenario.ts'
import type { Settings } from '../options/settings.ts'
import { getBedrockText, getGoogleText, isClaudeType } from './error-texts.ts'
import { findException, isGoogleStatus, toApiError } from './fault-failure.ts'
import type { FaultFailure } from './fault-failure.ts'
import { describeRateLimit } from './rate-limit.ts'

interface FailedRequest {
  readonly route: Route
  readonly head: ReplyHead
  readonly fault: Fault
}

/** The error that the exchange's fault answers with; null: it has none. */
export function createFailureReply(route: Route, head: ReplyHead, settings: Settings): Reply | null {
  const { fault, failure } = head.exchange
  return fault && failure && createFaultReply(failure, { route, head, fault }, settings)
}

/** Creates the error of a fault in the shape of the request's protocol, with the headers that belong to it. */
function createFaultReply(failure: FaultFailure, failed: FailedRequest, settings: Settings): Reply {
  const reply = createShapedReply(failure, failed, settings)
  const { retry_after: retryAfter } = failed.fault
  if (retryAfter === undefined) return reply
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfter) } }
}

function createShapedReply(failure: FaultFailure, failed: FailedRequest, settings: Settings): Reply {
  const { head, route } = failed
  switch (head.exchange.protocol) {
    case 'messages': {
      const { error, headers } = describeMessagesError(failure, failed, settings)
      return errorReply(error, { ...head, headers })
    }
    case 'openai': {
      const { error, headers } = describeMessagesError(failure, failed, settings)
      const { status, message, type = getErrorType(status) } = error
      return chatErrorReply(errorReply(error, { ...head, headers }), type, message)
    }
    case 'bedrock':
      return createBedrockError(failure, head)
    case 'vertex':
      return createVertexError(failure, 'path' in route ? route.path : null, { head, settings })
  }
}

/** The error of the Messages API; on Foundry, it has no headers about limits (Microsoft's documentation of Claude). */
function describeMessagesError(
  failure: FaultFailure,
  { route, head: { exchange }, fault }: FailedRequest,
  settings: Settings,
): { readonly error: ApiError; readonly headers: Readonly<Record<string, string>> } {
  const error = toApiError(failure)
  if (failure.limit === null) return { error, headers: {} }
  const limited = describeRateLimit(
    failure.limit,
    { route, exchange, retryAfterSeconds: fault.retry_after },
    settings,
  )
  const kept = Object.entries(limited.headers).filter(
    ([name]) => exchange.platform !== 'foundry' || name === 'retry-after',
  )
  const message = failure.message ?? limited.message ?? error.message
  return { error: { ...error, message }, headers: Object.fromEntries(kept) }
}

/**
 * The error of Bedrock. A status of the Claude API that Bedrock does not use becomes the one of its exception, such as 503
 * for 529. A type of the Claude API gets the name of its exception. An exception of Bedrock, and a type that neither API
 * has, keep their names; the exception also keeps the status.
 */
function createBedrockError({ status, type, message, limit }: FaultFailure, head: ReplyHead): Reply {
  const named = type === null ? null : findException(type)
  const exception = named ?? toBedrockError({ status, type, message: '' }).type
  const text = message ?? getBedrockText(exception, limit)
  const reply = bedrockErrorReply({ type: exception, message: text }, head)
  const isOwn = type !== null && named === null && !isClaudeType(type)
  return {
    ...reply,
    status: named === null ? getBedrockStatus(status) : status,
    headers: isOwn ? { ...reply.headers, 'x-amzn-errortype': toHeaderText(type) } : reply.headers,
  }
}

function getBedrockStatus(status: number): number {
  const isMapped = wireErrors.some((error) => error.status === status)
  return isMapped ? bedrockErrors[toBedrockError({ status, type: null, message: '' }).type].status : status
}

/**
 * The error of Vertex AI. Google Cloud itself answers for access and quotas, and where the fault names one of its codes; the
 * model answers for everything else, in the envelope of the Claude API.
 */
function createVertexError(
  failure: FaultFailure,
  path: object | null,
  { head, settings }: { readonly head: ReplyHead; readonly settings: Settings },
): Reply {
  const { status, type, message } = failure
  if (!isVertexPath(path) || !(platformStatuses.has(status) || (type !== null && isGoogleStatus(type)))) {
    const requestId = head.requestId.replace(/^req_/, 'req_vrtx_')
    return vertexReply(errorReply(toApiError(failure), { ...head, requestId }), null)
  }
  const known = toGoogleError({ status, type, message: '' }).status
  const code = type === null || isClaudeType(type) ? known : type
  const text = message ?? getPlatformText(failure, path, settings)
  const error = { error: { code: status, message: text, status: code } }
  // On streaming paths it is wrapped in an array, as googleErrorReply does.
  const body = path.method === 'streamRawPredict' ? [error] : error
  const bytes = utf8.encode(JSON.stringify(body, null, 2))
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', 'content-length': String(bytes.length) },
    frames: [{ bytes, tokens: 0 }].values(),
  }
}

function isVertexPath(path: object | null): path is VertexPath {
  return path !== null && 'method' in path
}

const platformStatuses: ReadonlySet<number> = new Set([401, 403, 404, 429])

/** An exhausted quota has a name; a 429 of another type is a lack of shared capacity. */
function getPlatformText(
  { status, type, limit }: FaultFailure,
  path: VertexPath,
  settings: Settings,
): string {
  const found =
    limit === null || path.model === null
      ? null
      : findVertexModel(path.model, path.location, settings.servedModels)
  if (limit === null || !found?.ok) return getGoogleText(status, path, type)
  return describeQuota(quotaNames[limit], found.model, path.location)
}

const quotaNames = {
  requests: 'requests',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
} as const

const utf8 = new TextEncoder()
