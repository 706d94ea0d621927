import type { Proxy } from './proxy.ts'

export type ProxyFailure = 'PROXY_UNREACHABLE' | 'PROXY_TIMEOUT' | 'PROXY_AUTHENTICATION' | 'PROXY_REFUSED'

/**
 * A proxy failed before the upstream was asked. The message names the proxy without its credentials and says what to do;
 * it is for the operator, not for clients.
 */
export class ProxyError extends Error {
  readonly code: ProxyFailure

  constructor(code: ProxyFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ProxyError'
    this.code = code
  }
}

/** Describes a proxy that answered CONNECT, or a request, with an error of its own. */
export function toStatusError({ name, setBy }: Proxy, target: string, status: number): ProxyError {
  if (status === 407)
    return new ProxyError(
      'PROXY_AUTHENTICATION',
      `the proxy ${name} does not accept the credentials (status 407). Set user and password in ${setBy}: http://user:password@host:port.`,
    )
  const advice =
    status === 403 || status === 405
      ? `Allow the host there, or except it: with proxy: none for the upstream${setBy.startsWith('proxy ') ? '' : ' or in NO_PROXY'}.`
      : 'Check that the proxy reaches the host.'
  return new ProxyError(
    'PROXY_REFUSED',
    `the proxy ${name} did not connect to ${target} (status ${status}). ${advice}`,
  )
}

/** Describes a proxy that cannot be reached, does not answer in time, or closes the connection. */
export function toProxyError({ name, setBy }: Proxy, error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = code === '' ? String(error) : code
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT')
    return new ProxyError(
      'PROXY_TIMEOUT',
      `the proxy ${name} does not answer (${reason}). Check ${setBy} and the proxy.`,
      error,
    )
  return new ProxyError(
    'PROXY_UNREACHABLE',
    `the proxy ${name} cannot be reached (${reason}). Check ${setBy} and the proxy.`,
    error,
  )
}
