import { getQuery, matchRoute } from '../../api/route.ts'
import type { Route } from '../../api/route.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { Protocol } from '../../scenario/scenario.ts'

/** The facts of a request that its path states. */
export interface Endpoint {
  readonly protocol: Protocol
  readonly name: string
  /** The form of the body's conversation; null: the body has none. */
  readonly form: 'messages' | 'converse' | 'openai' | null
  /** Whether the answer streams; null: the body states it. */
  readonly stream: boolean | null
  /** The model in the path; null: the body names it. */
  readonly model: string | null
}

export function findEndpoint(request: EmulatorRequest): Endpoint {
  const route = matchRoute(request)
  switch (route.kind) {
    case 'messages':
    case 'openai':
      return findByName(route)
    case 'bedrock': {
      const { path } = route
      if (!('modelId' in path)) return { ...plain, protocol: 'bedrock', name: path.operation }
      const isConverse = path.operation.startsWith('converse')
      return {
        protocol: 'bedrock',
        name: path.operation.replace(/_stream$/, ''),
        form: path.operation === 'count_tokens' ? null : isConverse ? 'converse' : 'messages',
        stream: path.operation.endsWith('_stream'),
        model: decodeSegment(path.modelId),
      }
    }
    case 'vertex':
      return {
        protocol: 'vertex',
        name: route.path.model === null ? 'count_tokens' : 'raw_predict',
        form: 'messages',
        stream: route.path.method === 'streamRawPredict',
        model: route.path.model,
      }
    case 'not_found':
    case 'wrong_method':
      return { ...plain, protocol: route.protocol, name: unknownEndpoint }
  }
}

/** The endpoint of a path that the emulator does not know. */
export const unknownEndpoint = 'other'

const plain = { form: null, stream: false, model: null } as const

function findByName({ kind, endpoint }: Extract<Route, { kind: 'messages' | 'openai' }>): Endpoint {
  if (endpoint === 'create_message')
    return { protocol: kind, name: endpoint, form: 'messages', stream: null, model: null }
  if (endpoint === 'count_tokens')
    return { protocol: kind, name: endpoint, form: 'messages', stream: false, model: null }
  if (endpoint === 'create_chat_completion')
    return { protocol: kind, name: endpoint, form: 'openai', stream: null, model: null }
  return { ...plain, protocol: kind, name: endpoint }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Query parameters that are recorded with their value. Any other value may be a credential. */
const openParameters: ReadonlySet<string> = new Set(['alt', 'after_id', 'before_id', 'beta', 'limit', 'page'])

/** The values of a query that may be credentials. */
export function listHiddenValues(path: string): readonly string[] {
  return [...getQuery(path)].flatMap(([name, value]) => (openParameters.has(name) ? [] : value))
}

/** Replaces the values of a query that may be credentials. */
export function hideParameters(path: string, marker: string): string {
  const [start = '', ...rest] = path.split('?')
  if (rest.length === 0) return path
  const query = rest
    .join('?')
    .split('&')
    .map((part) => {
      const [name = ''] = part.split('=')
      return openParameters.has(name) || !part.includes('=') ? part : `${name}=${marker}`
    })
  return `${start}?${query.join('&')}`
}
