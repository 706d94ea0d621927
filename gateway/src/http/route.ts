import { parseBedrockPath, parseVertexPath } from '@anthology/wire'
import type { BedrockPath, VertexPath } from '@anthology/wire'

/** A model call, served through the protocol of its path. */
export type CallRoute =
  | { readonly kind: 'call'; readonly operation: 'messages' | 'count_tokens' | 'chat' }
  | { readonly kind: 'call'; readonly operation: 'bedrock'; readonly bedrock: BedrockOperation }
  | { readonly kind: 'call'; readonly operation: 'vertex'; readonly vertex: VertexPath }

/** The target of a request, determined by its method and raw path alone. */
export type Route =
  | CallRoute
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'batches'; readonly action: 'create' | 'list' }
  | {
      readonly kind: 'batch'
      readonly action: 'retrieve' | 'delete' | 'cancel' | 'results'
      readonly id: string
    }
  | { readonly kind: 'files'; readonly action: 'create' | 'list' }
  | { readonly kind: 'file'; readonly action: 'retrieve' | 'delete' | 'content'; readonly id: string }
  | CloudRoute
  | { readonly kind: 'admin' | 'console' | 'organization'; readonly path: string }
  | { readonly kind: 'welcome' | 'health' | 'ready' | 'hello' | 'metrics' }
  | { readonly kind: 'wrong_method'; readonly allow: string; readonly of?: CloudRoute }
  | { readonly kind: 'unsafe_path'; readonly of?: CloudRoute }
  | { readonly kind: 'none' }

/** A cloud's path; errors on it are sent in that cloud's format too. */
export type CloudRoute =
  | Extract<CallRoute, { readonly operation: 'bedrock' | 'vertex' }>
  | { readonly kind: 'bedrock_catalog'; readonly path: BedrockCatalogPath }

export type BedrockOperation = Extract<BedrockPath, { readonly modelId: string }>

export type BedrockCatalogPath = Exclude<BedrockPath, { readonly modelId: string }>

interface SuffixRoute {
  readonly suffix: string
  readonly method: 'GET' | 'POST'
  readonly route: Route
}

/** Paths that match exactly, before any protocol. */
const fixed: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/', { kind: 'welcome' }],
  ['/healthz', { kind: 'health' }],
  ['/readyz', { kind: 'ready' }],
  ['/metrics', { kind: 'metrics' }],
  ['/api/hello', { kind: 'hello' }],
])

/** Matched at the end of a path, because a client's base URL may have any prefix. The first match wins. */
const protocols: readonly SuffixRoute[] = [
  { suffix: '/v1/messages', method: 'POST', route: { kind: 'call', operation: 'messages' } },
  { suffix: '/v1/messages/count_tokens', method: 'POST', route: { kind: 'call', operation: 'count_tokens' } },
  // Clients omit `/v1` when they get the same base URL as the SDKs of Anthropic.
  { suffix: '/chat/completions', method: 'POST', route: { kind: 'call', operation: 'chat' } },
  { suffix: '/models', method: 'GET', route: { kind: 'models' } },
  { suffix: '/messages', method: 'POST', route: { kind: 'call', operation: 'messages' } },
]

/** `target` is from the request line: path and query, not decoded. */
export function matchRoute(method: string, target: string): Route {
  const end = target.indexOf('?')
  const given = end < 0 ? target : target.slice(0, end)
  // Fast path for nearly every request.
  if (given === '/v1/messages' && method === 'POST') return messages
  const own = matchFixed(method, given) ?? matchFolder(given)
  if (own !== null) return own
  // Every path of a cloud call contains `/model`; the only other such paths are our own `/models`.
  const cloud = given.includes('/model') ? matchCloud(method, given) : null
  if (cloud !== null) return cloud
  const path = openAiPathWithSlash.test(given) ? given.slice(0, -1) : given
  return (
    matchResource(method, path) ??
    matchProtocol(method, path) ??
    // The other paths of a cloud are those of its catalog.
    matchCloud(method, given) ??
    matchModel(method, path) ?? { kind: 'none' }
  )
}

function matchFixed(method: string, path: string): Route | null {
  const route = fixed.get(path)
  if (route === undefined) return null
  return method === 'GET' || method === 'HEAD' ? route : { kind: 'wrong_method', allow: 'GET, HEAD' }
}

/** All paths below these folders are matched exactly, so that no protocol is served there. */
function matchFolder(path: string): Route | null {
  if (isBelow('/admin', path)) return { kind: 'admin', path }
  if (isBelow('/console', path)) return { kind: 'console', path }
  if (isBelow('/v1/organizations', path)) return { kind: 'organization', path }
  return null
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/')
}

/** Some OpenAI clients end these paths with a slash. */
const openAiPathWithSlash = /\/(?:chat\/completions|models(?:\/[^/]+)?)\/$/

const messages: Route = { kind: 'call', operation: 'messages' }

function matchProtocol(method: string, path: string): Route | null {
  const protocol = protocols.find(({ suffix }) => path.endsWith(suffix))
  if (protocol === undefined) return null
  return guard(path, { method, wanted: protocol.method }, protocol.route)
}

/** `/v1/models/{name}`; the name may have encoded slashes, so only the path before it is checked. */
function matchModel(method: string, path: string): Route | null {
  const name = readModelName(path)
  if (name === null) return null
  const route = { kind: 'model', name: decodeName(name) } as const
  return guard(path.slice(0, path.lastIndexOf(name)), { method, wanted: 'GET' }, route)
}

/** A proxy in front of us may have authorized an unsafe path under a different interpretation. */
function guard(
  path: string,
  { method, wanted }: { readonly method: string; readonly wanted: string },
  route: Route,
): Route {
  if (unsafe.test(path)) return { kind: 'unsafe_path' }
  return method === wanted ? route : { kind: 'wrong_method', allow: wanted }
}

/** Cloud paths contain the model: a segment that may have encoded slashes, as in an ARN. */
function matchCloud(method: string, path: string): Route | null {
  const vertex = parseVertexPath(path)
  if (vertex !== null) {
    const route = { kind: 'call', operation: 'vertex', vertex } as const
    return guardCloud(vertex.prefix, { method, wanted: 'POST' }, route)
  }
  const bedrock = parseBedrockPath(path)
  if (bedrock === null) return null
  if (!('modelId' in bedrock)) {
    const route = { kind: 'bedrock_catalog', path: bedrock } as const
    return guardCloud(bedrock.prefix, { method, wanted: 'GET' }, route)
  }
  const route = { kind: 'call', operation: 'bedrock', bedrock } as const
  return guardCloud(bedrock.prefix, { method, wanted: 'POST' }, route)
}

function guardCloud(
  prefix: string,
  { method, wanted }: { readonly method: string; readonly wanted: string },
  route: CloudRoute,
): Route {
  if (unsafe.test(`${prefix}/`)) return { kind: 'unsafe_path', of: route }
  return method === wanted ? route : { kind: 'wrong_method', allow: wanted, of: route }
}

interface ResourceRoute {
  /** Also matched at the end of a path; captures the resource's id. */
  readonly path: RegExp
  readonly methods: Readonly<Record<string, (id: string) => Route>>
}

/** Batches and files; matched before `protocols`, because a resource's id could be `messages`. */
const resourceRoutes: readonly ResourceRoute[] = [
  {
    path: /\/v1\/messages\/batches$/,
    methods: {
      GET: () => ({ kind: 'batches', action: 'list' }),
      POST: () => ({ kind: 'batches', action: 'create' }),
    },
  },
  {
    path: /\/v1\/messages\/batches\/([^/]+)$/,
    methods: {
      GET: (id) => ({ kind: 'batch', action: 'retrieve', id }),
      DELETE: (id) => ({ kind: 'batch', action: 'delete', id }),
    },
  },
  {
    path: /\/v1\/messages\/batches\/([^/]+)\/cancel$/,
    methods: { POST: (id) => ({ kind: 'batch', action: 'cancel', id }) },
  },
  {
    path: /\/v1\/messages\/batches\/([^/]+)\/results$/,
    methods: { GET: (id) => ({ kind: 'batch', action: 'results', id }) },
  },
  {
    path: /\/v1\/files$/,
    methods: {
      GET: () => ({ kind: 'files', action: 'list' }),
      POST: () => ({ kind: 'files', action: 'create' }),
    },
  },
  {
    path: /\/v1\/files\/([^/]+)$/,
    methods: {
      GET: (id) => ({ kind: 'file', action: 'retrieve', id }),
      DELETE: (id) => ({ kind: 'file', action: 'delete', id }),
    },
  },
  {
    path: /\/v1\/files\/([^/]+)\/content$/,
    methods: { GET: (id) => ({ kind: 'file', action: 'content', id }) },
  },
]

/** Ids are not decoded: upstream ids need no encoding, and no key owns any other id. */
function matchResource(method: string, path: string): Route | null {
  const resource = resourceRoutes.find(({ path: pattern }) => pattern.test(path))
  if (resource === undefined) return null
  if (unsafe.test(path)) return { kind: 'unsafe_path' }
  const make = Object.hasOwn(resource.methods, method) ? resource.methods[method] : undefined
  if (make === undefined) return { kind: 'wrong_method', allow: Object.keys(resource.methods).join(', ') }
  return make(resource.path.exec(path)?.[1] ?? '')
}

/** An empty segment, a segment of dots, an encoded slash or dot, a backslash: `//`, `/../`, `%2F`. */
const unsafe = /\/\/|\/\.\.?(?:\/|$)|%2f|%5c|%2e|\\/i

/** The last segment of `.../models/{name}`, still encoded. Vertex AI has other methods of its own on such paths. */
function readModelName(path: string): string | null {
  const marker = '/models/'
  const at = path.includes('/publishers/') ? -1 : path.lastIndexOf(marker)
  const name = at < 0 ? '' : path.slice(at + marker.length)
  return name === '' || name.includes('/') ? null : name
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
