import { Pool, errors, fetch } from 'undici'
import type { RequestInit, Response } from 'undici'

import { createProxyAgent } from './proxied-pool.ts'
import { toStatusError } from './proxy-error.ts'
import type { ProxyChoice } from './choose-proxy.ts'
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

/** The options of a request that may go through a proxy. */
export interface ProxiedOptions {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: RequestInit['body'] | undefined
  readonly redirect?: 'manual'
  readonly signal?: AbortSignal | undefined
}

/** `fetch` through the proxy that the choice has for the URL, or directly. */
export function createProxiedFetch({ choose }: Pick<ProxyChoice, 'choose'>) {
  return async (
    url: string,
    { body = null, signal, ...options }: ProxiedOptions,
  ): Promise<globalThis.Response> => {
    const proxy = choose(url)
    // Node has an undici of its own, with the same classes under other types.
    const given: object = { ...options, body, ...(signal !== undefined && { signal }) }
    if (proxy === null) return globalThis.fetch(url, given)
    const response: unknown = await fetchThrough(proxy, url, given)
    return response as globalThis.Response
  }
}

/** The default of the limit for calls. */
const connectMs = 10_000
