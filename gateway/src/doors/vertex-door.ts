import {
  type VertexPath,
  editsFromRawPredict,
  encodeGoogleError,
  firstPartyBetas,
  googleErrorOf,
  googleTexts,
  indexBody,
  rawPredictMembers,
  readRawPredictBody,
} from '@anthology/wire'

import { readBetas, readMembers, readModelName, readStream } from '../call.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import { refuseInMessages } from '../reply.ts'
import { type Door, type DoorRequest, type Draft, untouched } from './door.ts'
import { messagesHeaders } from './messages-headers.ts'

/**
 * Claude on Vertex AI: `:rawPredict`, `:streamRawPredict` and `count-tokens:rawPredict`,
 * of any project and location. Answers are those of the Messages API, byte for byte.
 */
export function createVertexDoor(path: VertexPath): Door {
  const isStream = path.method === 'streamRawPredict'
  return {
    name: 'vertex',
    contentType: null,
    path: { billable: path.model !== null, model: path.model },
    read: (source) => readPrediction(path, source),
    refuse({ code, kind, message, requestId, headers: more }) {
      // What the model refuses, Google passes on in the model's own words.
      if (kind.status === 400) return refuseInMessages({ kind, message, requestId, headers: more })
      const words = texts[code] ?? message
      const refusal = googleErrorOf({ status: kind.status, type: kind.type, message: words })
      const { status, headers, body } = encodeGoogleError(refusal, { stream: isStream })
      const own: Record<string, string> = { ...headers, 'request-id': requestId }
      own['x-should-retry'] = String(kind.retry)
      if (kind.retry) own['retry-after'] = '1'
      return { status, headers: { ...own, ...more }, body }
    },
  }
}

function readPrediction(path: VertexPath, { request, body }: DoorRequest): Draft {
  const countTokens = path.model === null
  const index = indexBody(body, members)
  if (!index.ok) throw new Refusal('bad_request', index.message)
  const read = readRawPredictBody(body, index, { countTokens })
  if (!read.ok) throw new Refusal('bad_request', read.message)
  const requestedModel = path.model ?? readModelName(body, index)
  const betas = firstPartyBetas(readBetas(joined(request.headers['anthropic-beta'])))
  // Clients repeat in the body what the path says; one that does not means the path.
  const wishesStream = path.method === 'streamRawPredict' && index.get('stream') === undefined
  // The name of the model comes with the attempt, which knows the platform.
  const edits = editsFromRawPredict(index, requestedModel).filter(({ member }) => member !== 'model')
  return {
    billable: !countTokens,
    requestedModel,
    stream: !countTokens && (wishesStream || readStream(body, index)),
    path: countTokens ? '/v1/messages/count_tokens' : '/v1/messages',
    body,
    index,
    edits: wishesStream
      ? [...edits, { splice: 'stream', kind: 'add', member: 'stream', value: true }]
      : edits,
    headers: messagesHeaders(request, { version: read.apiVersion, betas }),
    betas,
    notices: [],
    shape: untouched,
  }
}

function joined(header: string | string[] | undefined): string {
  return [header ?? ''].flat().join(',')
}

const members: ReadonlySet<string> = new Set([...readMembers, ...rawPredictMembers])

/** Refusals for which Google has words of its own. */
const texts: Partial<Record<ErrorCode, string>> = {
  no_key: googleTexts.badCredentials,
  unknown_key: googleTexts.badCredentials,
}
