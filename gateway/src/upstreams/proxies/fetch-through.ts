import { Pool, fetch } from 'undici'
import type { RequestInit, Response } from 'undici'

import { createProxyAgent } from './proxied-pool.ts'
import type { Proxy } from './proxy.ts'

/** `fetch` through a proxy, for single requests. If the proxy fails, the cause of the error is a ProxyError. */
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
  } finally {
    // It closes after the response has been read.
    void dispatcher.close()
  }
}

/** The default of the limit for calls. */
const connectMs = 10_000
