import { Pool, errors, fetch } from 'undici'
import type { RequestInit, Response } from 'undici'

import { createProxyAgent } from './proxied-pool.ts'
import { toStatusError } from './proxy-error.ts'
import type { Proxy } from './proxy.ts'

/** `fetch` through a proxy, for single requests. If the proxy fails, the error is a ProxyError, or its cause is one. */
export async function fetchThrough(
  proxy: Proxy,
  url: string,
  options: Omit<RequestInit, 'dispatcher'>,
): Promise<Response> {
  const dispatcher = createProxyAgent(proxy, {
    connectMs,
    createPool: (target, connect) => new Pool(target, { connect, allowH2: false }),
  })
  try {
    return await fetch(url, { ...options, dispatcher })
  } catch (error) {
    // undici reports status 407 for a forwarded request in this way.
    const isRejection = error instanceof Error && error.cause instanceof errors.InvalidArgumentError
    throw isRejection ? toStatusError(proxy, new URL(url).host, 407) : error
  } finally {
    // It closes after the response has been read.
    void dispatcher.close()
  }
}

/** The default of the limit for calls. */
const connectMs = 10_000
