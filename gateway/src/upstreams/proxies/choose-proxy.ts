import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import { isLoopbackHost } from '@anthology/wire'

import { getHost, parseNoProxy, splitNoProxy } from './no-proxy.ts'
import type { IsExcepted } from './no-proxy.ts'
import { parseProxy } from './proxy.ts'
import type { Proxy } from './proxy.ts'

/** The proxies of one upstream and of the source of its credential. */
export interface ProxyChoice {
  /** The proxy that a request to a URL goes through; null: none. */
  choose(url: string): Proxy | null
  /** The same choice for libraries that send by `node:http`; null: nothing is configured, so they need no agents. */
  readonly agents: ProxyAgents | null
}

export interface ProxyAgents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

export type Env = Readonly<Record<string, string | undefined>>

/** No proxy, and nothing that says so. */
export const noProxies: ProxyChoice = { choose: () => null, agents: null }

/**
 * Creates the choice from the upstream's member `proxy`, or else from `https_proxy`, `http_proxy` and `no_proxy` in lower
 * or upper case. As for curl the lower case wins, and an `https` URL goes through `https_proxy` only. Throws a
 * GatewayError for a URL that is none.
 */
export function createProxyChoice(configured: string | undefined, env: Env, upstream: string): ProxyChoice {
  if (configured === 'none') return { choose: () => null, agents: createAgents({}) }
  if (configured !== undefined) {
    const proxy = parseProxy(configured, `proxy of upstream '${upstream}'`)
    return createChoice({ https: proxy, http: proxy, isExcepted: () => false, excepted: [] })
  }
  const [https, http] = [readProxy(env, 'https_proxy'), readProxy(env, 'http_proxy')]
  if (https === null && http === null) return noProxies
  const text = env['no_proxy'] ?? env['NO_PROXY'] ?? ''
  const isNamed = parseNoProxy(text)
  const isExcepted: IsExcepted = (url) => isLoopbackHost(getHost(url)) || isNamed(url)
  return createChoice({ https, http, isExcepted, excepted: [...loopback, ...splitNoProxy(text)] })
}

function readProxy(env: Env, name: 'https_proxy' | 'http_proxy'): Proxy | null {
  const setBy = env[name] === undefined ? name.toUpperCase() : name
  const text = env[setBy] ?? ''
  return text === '' ? null : parseProxy(text, setBy)
}

interface Choice {
  readonly https: Proxy | null
  readonly http: Proxy | null
  readonly isExcepted: IsExcepted
  /** `isExcepted` as entries of NO_PROXY. */
  readonly excepted: readonly string[]
}

function createChoice({ https, http, isExcepted, excepted }: Choice): ProxyChoice {
  const noProxy = [...excepted, ...metadata].flatMap(toNodeEntries).join(',')
  return {
    choose: (text) => {
      const url = new URL(text)
      return isExcepted(url) ? null : url.protocol === 'https:' ? https : http
    },
    agents: createAgents({
      ...(https !== null && { https_proxy: https.url }),
      ...(http !== null && { http_proxy: http.url }),
      no_proxy: noProxy,
    }),
  }
}

/** Node's own agents read a proxy and its exceptions from such variables ("Built-in Proxy Support", http, Node.js). */
function createAgents(proxyEnv: Readonly<Record<string, string>>): ProxyAgents {
  // For a tunnel; without it a proxy that never answers would keep the connection.
  const timeout = 10_000
  return { http: new HttpAgent({ proxyEnv, timeout }), https: new HttpsAgent({ proxyEnv, timeout }) }
}

/** Node excepts the names below a name only where it begins with a dot. */
function toNodeEntries(entry: string): readonly string[] {
  return /^[a-z\d][a-z\d.-]*[a-z]\.?$/.test(entry) ? [entry, `.${entry}`] : [entry]
}

const loopback = ['localhost', '127.0.0.1-127.255.255.255', '::1', '[::1]']

/** The metadata services of the clouds. A proxy would get the credentials of its own machine, or none. */
const metadata = [
  '169.254.0.0-169.254.255.255',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'metadata.google.internal',
  'metadata.google.internal.',
]
