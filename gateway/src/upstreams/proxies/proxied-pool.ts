import { Pool, ProxyAgent } from 'undici'
import type { Client, Dispatcher, buildConnector } from 'undici'

import type { Limits } from '../../limits.ts'
import type { Proxy } from './proxy.ts'
import { toStatusError, toProxyError } from './proxy-error.ts'

/** Connections to one origin, as undici's Pool has them. */
export interface Connections {
  readonly stats: { readonly connected: number }
  readonly closed: boolean
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  close(): Promise<void>
  destroy(): Promise<void>
}

interface ProxiedPoolOptions {
  readonly proxy: Proxy
  readonly limits: Limits
  /** Options of the pool of connections to the origin. */
  readonly pool: Omit<Pool.Options, 'connect'> & {
    readonly factory: (origin: URL, options: object) => Client
  }
}

/**
 * Creates connections through a proxy, by undici's ProxyAgent: a tunnel (CONNECT) to an `https` origin, and requests with
 * the whole URL (RFC 9112, 3.2.2) for an `http` one. Until a tunnel is open, every failure is a ProxyError, so it is
 * clear that the origin was not asked.
 */
export function createProxiedPool(origin: string, { proxy, limits, pool }: ProxiedPoolOptions): Connections {
  let current: Pool | null = null
  let isClosed = false
  const agent = createProxyAgent(proxy, {
    connectMs: limits.connectMs,
    // undici asks for a new pool after all connections of the old one have closed.
    createPool: (target, connect) => (current = new Pool(target, { ...pool, connect })),
  })
  return {
    get stats() {
      return { connected: current?.stats.connected ?? 0 }
    },
    get closed() {
      return isClosed
    },
    dispatch: (options, handler) => agent.dispatch({ ...options, origin }, handler),
    close: () => {
      isClosed = true
      return agent.close()
    },
    destroy: () => agent.destroy(),
  }
}

interface ProxyAgentOptions {
  readonly connectMs: number
  /** Creates the connections to an `https` origin, or those to the proxy that carry the requests to `http` origins. */
  readonly createPool: (target: string | URL, connect: buildConnector.connector) => Pool
}

export function createProxyAgent(proxy: Proxy, { connectMs, createPool }: ProxyAgentOptions): ProxyAgent {
  return new ProxyAgent({
    uri: proxy.url,
    connectTimeout: connectMs,
    proxyTls: { allowH2: false },
    clientFactory: (url, options) => createTunnelPool(url, { ...options, headersTimeout: connectMs }, proxy),
    factory: (target, { connect }: { readonly connect?: buildConnector.connector }) => {
      if (connect === undefined) throw new Error('the agent passes its connector')
      // The agent names its proxy in place of an `http` origin.
      const isForwarded = String(target) === proxy.url
      return createPool(target, isForwarded ? blameProxy(connect, proxy) : connect)
    },
  })
}

/** The connections to the proxy. Each is used for one tunnel. */
function createTunnelPool(url: URL, options: Pool.Options, proxy: Proxy): Pool {
  const pool = new Pool(url, options)
  const open: (tunnel: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> = pool.connect.bind(pool)
  const connect = async (tunnel: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    const opened = await open(tunnel).catch((error: unknown) => {
      throw toProxyError(proxy, error)
    })
    if (opened.statusCode === 200) return opened
    opened.socket.on('error', () => {}).destroy()
    throw toStatusError(proxy, tunnel.path, opened.statusCode)
  }
  return Object.assign(pool, { connect })
}

/** The connections of forwarded requests are those of the proxy. */
function blameProxy(connect: buildConnector.connector, proxy: Proxy): buildConnector.connector {
  return (target, callback) =>
    connect(target, (...result: Parameters<buildConnector.Callback>) => {
      const [error] = result
      if (error === null) callback(...result)
      else callback(toProxyError(proxy, error), null)
    })
}
