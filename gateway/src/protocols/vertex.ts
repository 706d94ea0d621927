import {
  editsFromRawPredict,
  encodeGoogleError,
  firstPartyBetas,
  toGoogleError,
  googleTexts,
  indexBody,
  inputTooLong,
  rawPredictMembers,
  readRawPredictBody,
  vertexResource,
  readBetas,
} from '@anthology/wire'
import type { GoogleErrorStatus, VertexPath } from '@anthology/wire'

import { readMembers, readModelName, readStream } from '../calls/call.ts'
import { ApiError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { toMessagesErrorResponse } from '../http/respond.ts'
import { passthrough } from './protocol.ts'
import type { Protocol, ProtocolRequest, InboundRequest } from './protocol.ts'
import { messagesHeaders } from './messages.ts'
import { usePlatformWords } from './platform-words.ts'

/**
 * Claude on Vertex AI: `:rawPredict`, `:streamRawPredict` and `count-tokens:rawPredict`,
 * for any project and location. Responses are those of the Messages API, byte for byte.
 */
export function createVertexProtocol(path: VertexPath): Protocol {
  const isStream = path.method === 'streamRawPredict'
  return {
    name: 'vertex',
    platform: 'vertex',
    contentType: null,
    path: { billable: path.model !== null, model: path.model },
    forwardsRateLimits: false,
    read: (source) => readPrediction(path, source),
    toErrorResponse({ code, kind, message, requestId, headers: more, errorCode }) {
      // Google forwards invalid-request errors of the model in the Messages API's format.
      if (kind.status === 400)
        return toMessagesErrorResponse({ kind, message, requestId, headers: more, errorCode })
      const worded = usePlatformWords(listTexts(path), { code, message })
      const { status: state } = toGoogleError({ status: kind.status, type: kind.type, message })
      const reason = code === 'no_key' ? { reason: 'CREDENTIALS_MISSING' } : {}
      const apiError = { status: states[code] ?? state, message: worded.message, ...reason }
      const { status, headers, body } = encodeGoogleError(apiError, { stream: isStream })
      const own: Record<string, string> = { ...headers, ...worded.headers, 'request-id': requestId }
      own['x-should-retry'] = String(kind.retry)
      if (kind.retry) own['retry-after'] = '1'
      return { status, headers: { ...own, ...more }, body }
    },
  }
}

function readPrediction(path: VertexPath, { request, body }: ProtocolRequest): InboundRequest {
  const countTokens = path.model === null
  const index = indexBody(body, members)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const read = readRawPredictBody(body, index, { countTokens, takesOlder: true })
  if (!read.ok) throw new ApiError('bad_request', read.message)
  const requestedModel = path.model ?? readModelName(body, index)
  const betas = firstPartyBetas(readBetas(request.headers['anthropic-beta']))
  // Clients usually repeat `stream` in the body; if it is missing, the path decides.
  const wantsStream = path.method === 'streamRawPredict' && index.get('stream') === undefined
  // The attempt sets the model name, which depends on the upstream's platform.
  const patches = editsFromRawPredict(index, requestedModel).filter(({ member }) => member !== 'model')
  return {
    billable: !countTokens,
    requestedModel,
    stream: !countTokens && (wantsStream || readStream(body, index)),
    path: countTokens ? '/v1/messages/count_tokens' : '/v1/messages',
    body,
    index,
    patches: wantsStream
      ? [...patches, { splice: 'stream', kind: 'add', member: 'stream', value: true }]
      : patches,
    headers: messagesHeaders(request, { version: read.apiVersion, betas }),
    betas,
    notices: leniencies(read.version, request),
    translator: passthrough,
  }
}

const members: ReadonlySet<string> = new Set([...readMembers, ...rawPredictMembers])

/** Errors whose Google status does not follow from the HTTP status. `wrong_method` is inferred, not documented. */
const states: Partial<Record<ErrorCode, GoogleErrorStatus>> = { wrong_method: 'NOT_FOUND' }

/** Errors with a text of Google's own, or one that Claude Code matches. */
function listTexts(path: VertexPath): Partial<Record<ErrorCode, string>> {
  const shared = {
    no_key: googleTexts.missingCredentials,
    unknown_key: googleTexts.badCredentials,
    body_too_large: inputTooLong,
  }
  if (path.model === null) return shared
  const text = googleTexts.unknownModel(vertexResource(path, path.model).slice(0, maxEchoLength))
  return { ...shared, unknown_model: text, retired_model: text }
}

/** Describes what Vertex AI would reject, or would apply (dedicated throughput, which only its own projects have). */
function leniencies(version: string, { headers }: ProtocolRequest['request']): readonly string[] {
  const notices: string[] = []
  if (version === '2023-06-01')
    notices.push('Vertex AI would reject anthropic_version 2023-06-01; use vertex-2023-10-16 there')
  if (headers['x-vertex-ai-llm-request-type'] === 'dedicated')
    notices.push('dedicated throughput is not available here; the call was served as shared')
  return notices
}

/** Max length at which client-supplied names are echoed. */
const maxEchoLength = 512
