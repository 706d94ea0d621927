import type { ClientRequest, ClientResponse } from './client-exchange.ts'

/**
 * Lets web pages of the configured origins call the API and read its responses
 * (Fetch standard, 3.2). Without configuration no page can. Returns true if the
 * request was a preflight, which is then answered.
 */
export function answerCors(
  origins: ReadonlySet<string>,
  request: ClientRequest,
  response: ClientResponse,
): boolean {
  if (origins.size === 0 || isPrivate(request)) return false
  response.setHeader('vary', 'Origin')
  const { origin, 'access-control-request-method': wanted } = request.headers
  if (origin === undefined || !origins.has(origin)) return false
  response.setHeader('access-control-allow-origin', origin)
  if (request.method !== 'OPTIONS' || wanted === undefined) {
    exposeHeaders(response)
    return false
  }
  response.writeHead(204, {
    vary: 'Origin, Access-Control-Request-Headers',
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
    'access-control-max-age': '600',
  })
  response.end()
  return true
}

/** Metrics, administration and the console are for the operator's own tools. */
function isPrivate({ url = '' }: ClientRequest): boolean {
  return /^\/(?:metrics|admin|console|v1\/organizations)(?:[/?]|$)/.test(url)
}

/** A page can read only the headers that the response names. */
function exposeHeaders(response: ClientResponse): void {
  const writeHead = response.writeHead.bind(response)
  const writeExposed: ClientResponse['writeHead'] = (status, headers = {}) => {
    const names = Object.keys(headers).filter((name) => !alwaysReadable.has(name))
    return writeHead(status, { ...headers, 'access-control-expose-headers': names.join(', ') })
  }
  response.writeHead = writeExposed
}

/** Pages can read these headers of any response (Fetch standard, CORS-safelisted response headers). */
const alwaysReadable: ReadonlySet<string> = new Set(['content-type', 'content-length', 'cache-control'])
