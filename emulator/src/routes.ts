import { admit } from './admission.ts'
import { countTokens } from './count-tokens.ts'
import type { EmulatorRequest } from './emulator.ts'
import type { Family } from './family.ts'
import type { Identity } from './identity.ts'
import { createMessage } from './messages.ts'
import { listModels, retrieveModel } from './models.ts'
import { refusalReply } from './reply.ts'
import type { Reply, ReplyHead } from './reply.ts'
import type { ApiVersion } from '@anthology/wire'

export interface Settings {
  readonly seed: string
  readonly identity: Identity
  readonly keys: ReadonlySet<string> | null
  readonly family: Family
}

/** A request that was let in, with what its route caught of the path. */
export interface Call {
  readonly request: EmulatorRequest
  readonly apiVersion: ApiVersion
  readonly query: URLSearchParams
  readonly name: string
  readonly head: ReplyHead
}

interface Route {
  readonly method: 'GET' | 'POST'
  /** Any prefix may stand before it, as a base URL with a path brings it. */
  readonly path: RegExp
  readonly handle: (call: Call, settings: Settings) => Reply
}

const routes: readonly Route[] = [
  { method: 'POST', path: /\/v1\/messages$/, handle: createMessage },
  { method: 'POST', path: /\/v1\/messages\/count_tokens$/, handle: countTokens },
  { method: 'GET', path: /\/v1\/models$/, handle: listModels },
  { method: 'GET', path: /\/v1\/models\/([^/]+)$/, handle: retrieveModel },
]

export function answer(request: EmulatorRequest, settings: Settings): Reply {
  const { identity, keys } = settings
  const head = {
    requestId: identity.nextRequestId(),
    organizationId: identity.organizationId,
    notices: [],
  }
  const [path = '', query = ''] = request.path.split('?', 2)
  const matching = routes.filter((route) => route.path.test(path))
  if (matching.length === 0) return refusalReply({ status: 404, message: 'Not Found' }, head)
  const route = matching.find(({ method }) => method === request.method)
  if (!route) return refusalReply({ status: 405, message: 'Method Not Allowed' }, head)

  const admission = admit(request.headers, keys)
  if (!admission.ok) return refusalReply(admission.refusal, head)
  const name = decodePathSegment(route.path.exec(path)?.[1] ?? '')
  const { apiVersion } = admission
  return route.handle({ request, apiVersion, query: new URLSearchParams(query), name, head }, settings)
}

/** A segment that is not valid percent-encoding names nothing we know; it stays as it is. */
function decodePathSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
