import { createProxyChoice } from '@anthology/gateway'
import type { Proxy, UpstreamConfig } from '@anthology/gateway'

interface Route {
  readonly proxy: Proxy | null
  /** Completes the name of an upstream; empty if no proxy is configured. */
  readonly text: string
}

/** Finds the proxy that calls of an upstream go through. Throws a GatewayError for the URL of a proxy that is none. */
export function findRoute(
  { name, platform, proxy: configured }: Exclude<UpstreamConfig, { platform: 'emulator' }>,
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Route {
  const choice = createProxyChoice(configured, env, name ?? platform)
  // A configuration without base_url and resource has no URL, which is another finding.
  const proxy = URL.canParse(url) ? choice.choose(url) : null
  if (proxy !== null) return { proxy, text: ` through the proxy ${proxy.name} (${proxy.setBy})` }
  return { proxy, text: choice.agents === null ? '' : ' without a proxy' }
}
