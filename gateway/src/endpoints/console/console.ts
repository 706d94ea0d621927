import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { serveOidc } from './oidc-sign-in.ts'
import { serveSession } from './session.ts'
import { securityHeaders, sendStaticFile } from './static-files.ts'

/**
 * Serves `/console/...`: the session of the browser, signing in through a provider, and the built files. Every path
 * without a file is a page of the console, which the browser draws.
 */
export async function serveConsole(context: Context, path: string, exchange: ClientExchange): Promise<void> {
  const { request, response } = exchange
  if (path === '/console') {
    response.writeHead(308, { location: '/console/', 'content-length': 0 })
    response.end()
    return
  }
  if (path === '/console/session') return serveSession(context, exchange)
  if (path.startsWith('/console/oidc/')) return serveOidc(context, path, exchange)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new ApiError('wrong_method', 'files of the console are read with GET or HEAD', undefined, {
      headers: { allow: 'GET, HEAD' },
    })
  const name = path.slice('/console/'.length)
  const file = await context.console.files.find(name === '' ? 'index.html' : name)
  if (file !== undefined) return sendStaticFile(exchange, file)
  const page = /\.[a-z0-9]+$/i.test(name) && name.startsWith('assets/') ? undefined : 'index.html'
  const index = page === undefined ? undefined : await context.console.files.find(page)
  if (index === undefined)
    throw new ApiError('no_route', 'the console has no such file', undefined, { headers: securityHeaders })
  return sendStaticFile(exchange, index)
}
