import { authenticate } from './authenticate.ts'
import {
  batchResults,
  cancelBatch,
  createBatch,
  deleteBatch,
  listBatches,
  retrieveBatch,
} from './batches/endpoints.ts'
import { isSignedByCredentials } from '../protocols/bedrock/authenticate.ts'
import { answerBedrock } from '../protocols/bedrock/bedrock.ts'
import { rejectMantle, translateMantle } from '../protocols/bedrock/mantle.ts'
import { allowOrigin, answerBrowser } from '../http/cors.ts'
import { countTokens } from './count-tokens.ts'
import type { EmulatorRequest } from '../request.ts'
import { deleteFile, downloadFile, listFiles, retrieveFile, uploadFile } from './files/endpoints.ts'
import { createMessage } from '../message/create-message.ts'
import { listModels, retrieveModel } from './models.ts'
import { answerOpenAi } from '../protocols/openai/openai.ts'
import { errorReply } from '../http/reply.ts'
import type { Reply, ReplyHead } from '../http/reply.ts'
import { answerVertex } from '../protocols/vertex/vertex.ts'
import type { Settings } from '../settings.ts'
import type { Call } from '../call.ts'

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Any prefix may stand before it, as a base URL with a path brings it. */
  readonly path: RegExp
  readonly handle: (call: Call, settings: Settings) => Reply
}

const routes: readonly Route[] = [
  // The Vercel AI SDK leaves `/v1` out where its base URL does (`@ai-sdk/anthropic`).
  { method: 'POST', path: /\/messages$/, handle: createMessage },
  { method: 'POST', path: /\/v1\/messages\/count_tokens$/, handle: countTokens },
  { method: 'GET', path: /\/v1\/models$/, handle: listModels },
  { method: 'GET', path: /\/v1\/models\/([^/]+)$/, handle: retrieveModel },
  { method: 'POST', path: /\/v1\/messages\/batches$/, handle: createBatch },
  { method: 'GET', path: /\/v1\/messages\/batches$/, handle: listBatches },
  { method: 'GET', path: /\/v1\/messages\/batches\/([^/]+)$/, handle: retrieveBatch },
  { method: 'DELETE', path: /\/v1\/messages\/batches\/([^/]+)$/, handle: deleteBatch },
  { method: 'POST', path: /\/v1\/messages\/batches\/([^/]+)\/cancel$/, handle: cancelBatch },
  { method: 'GET', path: /\/v1\/messages\/batches\/([^/]+)\/results$/, handle: batchResults },
  { method: 'POST', path: /\/v1\/files$/, handle: uploadFile },
  { method: 'GET', path: /\/v1\/files$/, handle: listFiles },
  { method: 'GET', path: /\/v1\/files\/([^/]+)$/, handle: retrieveFile },
  { method: 'DELETE', path: /\/v1\/files\/([^/]+)$/, handle: deleteFile },
  { method: 'GET', path: /\/v1\/files\/([^/]+)\/content$/, handle: downloadFile },
]

export function answer(request: EmulatorRequest, settings: Settings): Reply {
  const { ids } = settings
  const head = {
    requestId: ids.nextRequestId(),
    organizationId: ids.organizationId,
    notices: [],
  }
  // A signature stands for a key, and is made over the body as it came.
  const ofMessages = isSignedByCredentials(request, settings) ? { ...settings, keys: null } : settings
  const reply =
    answerBrowser(request, head) ??
    (isMessagesCall(request) ? answerMessages(request, head, ofMessages) : null) ??
    answerBedrock(request, head, settings) ??
    answerVertex(request, head, settings) ??
    answerOpenAi(request, head, settings) ??
    answerMessages(request, head, ofMessages)
  return allowOrigin(request, reply)
}

/** The path of most calls, which nobody else has, so that no other door need be asked. */
function isMessagesCall({ method, path }: EmulatorRequest): boolean {
  return method === 'POST' && getEndpoint(path).endsWith('/messages')
}

function answerMessages(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply {
  return rejectMantle(request, head, settings) ?? answerRoute(translateMantle(request), head, settings)
}

function getEndpoint(path: string): string {
  const at = path.indexOf('?')
  return at === -1 ? path : path.slice(0, at)
}

function answerRoute(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply {
  const path = getEndpoint(request.path)
  const route = routes.find((each) => each.method === request.method && each.path.test(path))
  if (!route) {
    const isKnown = routes.some((each) => each.path.test(path))
    const error = isKnown ? methodNotAllowed : notFound
    return errorReply(error, head)
  }
  const authentication = authenticate(request.headers, settings.keys)
  if (!authentication.ok) return errorReply(authentication.error, head)
  const name = decodePathSegment(route.path.exec(path)?.[1] ?? '')
  const { apiVersion, key } = authentication
  return route.handle({ request, apiVersion, key, query: getQuery(request.path), name, head }, settings)
}

const notFound = { status: 404, message: 'Not Found' } as const
const methodNotAllowed = { status: 405, message: 'Method Not Allowed' } as const

/** What stands between the first question mark and a second one. */
function getQuery(path: string): URLSearchParams {
  const [, query] = path.split('?', 2)
  return query === undefined ? noQuery : new URLSearchParams(query)
}

const noQuery = new URLSearchParams()

/** A segment that is not valid percent-encoding names nothing we know; it stays as it is. */
function decodePathSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
