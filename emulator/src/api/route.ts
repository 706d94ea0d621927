import { isBedrockRequest, parseBedrockPath, parseVertexPath } from '@anthology/wire'
import type { BedrockPath, VertexPath } from '@anthology/wire'

import type { EmulatorRequest } from '../request.ts'

/** Where a request goes, from its method, its path and the header that tells Messages clients from OpenAI's. */
export type Route =
  | { readonly kind: 'messages'; readonly endpoint: MessagesEndpoint; readonly name: string }
  | { readonly kind: 'openai'; readonly endpoint: OpenAiEndpoint; readonly name: string }
  | { readonly kind: 'bedrock'; readonly path: BedrockPath }
  | { readonly kind: 'vertex'; readonly path: VertexPath }
  /** No endpoint has this path, or this method of it; the protocol decides how the error looks. */
  | { readonly kind: 'not_found'; readonly protocol: 'messages' | 'bedrock' }
  | {
      readonly kind: 'wrong_method'
      readonly protocol: 'messages' | 'openai'
      /** The methods of this path, for the `allow` header (RFC 9110, 15.5.6). */
      readonly allow: string
    }
  | { readonly kind: 'wrong_method'; readonly protocol: 'bedrock' }
  | { readonly kind: 'wrong_method'; readonly protocol: 'vertex'; readonly path: VertexPath }

type Method = 'GET' | 'POST' | 'DELETE'

/** Vertex AI has other methods of its own on such paths. */
const modelPath = /^(?!.*\/publishers\/).*\/models\/([^/]+)\/?$/

/** Method and path of each endpoint. Any prefix may precede the path, because a client's base URL may have one. */
const messagesEndpoints = {
  // The Vercel AI SDK omits `/v1` where its base URL does (`@ai-sdk/anthropic`).
  create_message: ['POST', /\/messages$/],
  count_tokens: ['POST', /\/v1\/messages\/count_tokens$/],
  list_models: ['GET', /\/models\/?$/],
  retrieve_model: ['GET', modelPath],
  create_batch: ['POST', /\/v1\/messages\/batches$/],
  list_batches: ['GET', /\/v1\/messages\/batches$/],
  retrieve_batch: ['GET', /\/v1\/messages\/batches\/([^/]+)$/],
  delete_batch: ['DELETE', /\/v1\/messages\/batches\/([^/]+)$/],
  cancel_batch: ['POST', /\/v1\/messages\/batches\/([^/]+)\/cancel$/],
  batch_results: ['GET', /\/v1\/messages\/batches\/([^/]+)\/results$/],
  upload_file: ['POST', /\/v1\/files$/],
  list_files: ['GET', /\/v1\/files$/],
  retrieve_file: ['GET', /\/v1\/files\/([^/]+)$/],
  delete_file: ['DELETE', /\/v1\/files\/([^/]+)$/],
  download_file: ['GET', /\/v1\/files\/([^/]+)\/content$/],
} as const satisfies Record<string, readonly [Method, RegExp]>

/**
 * The models endpoints share their paths with the Messages API, whose clients send `anthropic-version`. Clients
 * omit `/v1` where their base URL does, and some add a slash.
 */
const openAiEndpoints = {
  create_chat_completion: ['POST', /\/chat\/completions\/?$/],
  list_models: ['GET', /\/models\/?$/],
  retrieve_model: ['GET', modelPath],
} as const satisfies Record<string, readonly [Method, RegExp]>

export type MessagesEndpoint = keyof typeof messagesEndpoints
export type OpenAiEndpoint = keyof typeof openAiEndpoints

/** Matches a request once. The path that most calls have, and no other protocol, comes first. */
export function matchRoute({ method, path: target, headers }: EmulatorRequest): Route {
  const path = getPath(target)
  if (method === 'POST' && path.endsWith('/messages')) return createMessage
  return (
    matchBedrock(method, path) ??
    matchVertex(method, path) ??
    matchOpenAi(method, path, headers['anthropic-version'] !== undefined) ??
    matchMessages(method, path) ?? {
      kind: 'not_found',
      protocol: isBedrockRequest(path, headers) ? 'bedrock' : 'messages',
    }
  )
}

const createMessage: Route = { kind: 'messages', endpoint: 'create_message', name: '' }

/** The path of a request's target, without its query. */
function getPath(target: string): string {
  const at = target.indexOf('?')
  return at === -1 ? target : target.slice(0, at)
}

/** The query: everything between the first question mark and a second one. */
export function getQuery(target: string): URLSearchParams {
  const [, query] = target.split('?', 2)
  return query === undefined ? noQuery : new URLSearchParams(query)
}

const noQuery = new URLSearchParams()

/** AWS has no method errors: another method is another operation, and this one has none. */
function matchBedrock(method: string, path: string): Route | null {
  const parsed = parseBedrockPath(path)
  if (parsed === null) return null
  const expected = 'modelId' in parsed ? 'POST' : 'GET'
  return method === expected
    ? { kind: 'bedrock', path: parsed }
    : { kind: 'wrong_method', protocol: 'bedrock' }
}

function matchVertex(method: string, path: string): Route | null {
  const parsed = parseVertexPath(path)
  if (parsed === null) return null
  return method === 'POST'
    ? { kind: 'vertex', path: parsed }
    : { kind: 'wrong_method', protocol: 'vertex', path: parsed }
}

function matchOpenAi(method: string, path: string, isMessagesClient: boolean): Route | null {
  const found = findEndpoint(openAiEndpoints, method, path)
  if (found === null || (isMessagesClient && found.endpoint !== 'create_chat_completion')) return null
  if ('allow' in found) return { kind: 'wrong_method', protocol: 'openai', allow: found.allow }
  return { kind: 'openai', endpoint: found.endpoint, name: found.segment }
}

function matchMessages(method: string, path: string): Route | null {
  const found = findEndpoint(messagesEndpoints, method, path)
  if (found === null) return null
  if ('allow' in found) return { kind: 'wrong_method', protocol: 'messages', allow: found.allow }
  return { kind: 'messages', endpoint: found.endpoint, name: decodeSegment(found.segment) }
}

type Found<Name extends string> =
  | { readonly endpoint: Name; readonly segment: string }
  | { readonly endpoint: Name; readonly allow: string }

/** The endpoint with this path and method; one with the path alone, and the methods of the path, where none has the method. */
function findEndpoint<Name extends string>(
  endpoints: Readonly<Record<Name, readonly [Method, RegExp]>>,
  method: string,
  path: string,
): Found<Name> | null {
  let other: Name | null = null
  const methods: Method[] = []
  for (const name in endpoints) {
    const [expected, pattern] = endpoints[name]
    const match = pattern.exec(path)
    if (match === null) continue
    if (method === expected) return { endpoint: name, segment: match[1] ?? '' }
    other = name
    methods.push(expected)
  }
  return other === null ? null : { endpoint: other, allow: methods.join(', ') }
}

/** A segment that is not valid percent-encoding stays as it is: it names nothing that exists. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
