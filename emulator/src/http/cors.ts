import type { EmulatorRequest } from '../request.ts'
import { createHeaders, errorReply } from './reply.ts'
import type { Reply, ReplyHead } from './reply.ts'

/**
 * What a browser is answered before anything else: to its question before a call of another origin,
 * and to a call without `anthropic-dangerous-direct-browser-access` (SDK 0.60.0), by which an app
 * says that it knows who can read its key. Null: go on. The refusal's text is from public issue reports.
 */
export function answerBrowser(request: EmulatorRequest, head: ReplyHead): Reply | null {
  const { origin, 'access-control-request-method': method } = request.headers
  if (origin === undefined) return null
  if (request.method === 'OPTIONS' && method !== undefined) return answerPreflight(request, head)
  if (request.headers[accessHeader] === 'true') return null
  return errorReply({ status: 401, message: `CORS requests must set '${accessHeader}' header` }, head)
}

function answerPreflight(request: EmulatorRequest, head: ReplyHead): Reply {
  const asked = request.headers['access-control-request-headers'] ?? ''
  const names = asked.split(',').map((name) => name.trim().toLowerCase())
  const { 'content-type': _none, ...headers } = createHeaders(head, '')
  return {
    status: 200,
    headers: {
      ...headers,
      'content-length': '0',
      vary: 'Origin, Access-Control-Request-Headers',
      ...(names.includes(accessHeader) && {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
        'access-control-allow-headers': asked,
        'access-control-max-age': '600',
      }),
    },
    frames: [].values(),
  }
}

/** Lets a page read the answer, where its call bears the header; without it the browser keeps it back. */
export function allowOrigin({ headers }: EmulatorRequest, reply: Reply): Reply {
  if (headers['origin'] === undefined || headers[accessHeader] !== 'true') return reply
  const exposed = Object.keys(reply.headers).filter((name) => !alwaysReadable.has(name))
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'access-control-allow-origin': '*',
      'access-control-expose-headers': exposed.join(', '),
      vary: 'Origin',
    },
  }
}

const accessHeader = 'anthropic-dangerous-direct-browser-access'
/** Headers that a page may read of any answer (Fetch standard, CORS-safelisted response headers). */
const alwaysReadable: ReadonlySet<string> = new Set(['content-type', 'content-length', 'cache-control'])
