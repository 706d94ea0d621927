import { resolve } from '@anthology/catalog'

import type { UpstreamConfig } from '../config/parse-config.ts'
import { GatewayError } from '../errors.ts'
import { hintAtModels } from '../routing/foreign-name.ts'
import type { Limits } from '../limits.ts'
import type { UpstreamAccount } from './account.ts'
import { createAuthorizedUpstream } from './authorized-upstream.ts'
import { createLearnedSecrets } from './credentials/learned-secrets.ts'
import { anyModel, readForeignModels } from './foreign-model.ts'
import { createForeignAdapter } from './foreign.ts'
import { createHttpUpstream } from './http-upstream.ts'
import { readOwnPrice } from './own-price.ts'
import { describePlatform } from './platform-parts.ts'
import type { PlatformParts } from './platform-parts.ts'
import { createProxyChoice } from './proxies/choose-proxy.ts'
import type { Env } from './proxies/choose-proxy.ts'
import { listProxySecrets } from './proxies/proxy.ts'
import type { Proxy } from './proxies/proxy.ts'

type CloudConfig = Exclude<UpstreamConfig, { platform: 'emulator' }>

/**
 * Creates the account of an upstream from its configuration. `env` may name a proxy. Throws a GatewayError for
 * what the schema cannot check.
 */
export function createAccount(config: CloudConfig, limits: Limits, env: Env = {}): UpstreamAccount {
  const learned = createLearnedSecrets()
  const proxies = createProxyChoice(config.proxy, env, config.name ?? config.platform)
  const platform = describePlatform(config, learned, proxies)
  const { baseUrl, credential } = platform
  const authorizer = credential !== null && 'authorize' in credential ? credential : null
  const fixed = credential !== null && 'value' in credential ? credential : null
  const proxy = proxies.choose(baseUrl)
  const http = createHttpUpstream({ baseUrl, credential: fixed, limits, proxy })
  const name = config.name ?? config.platform
  const foreign = config.platform === 'anthropic' ? readForeignModels(config) : null
  return {
    name,
    platform: config.platform,
    upstream: authorizer === null ? http : createAuthorizedUpstream(http, authorizer),
    adapter: foreign === null ? platform.adapter : createForeignAdapter(foreign.facts),
    ...(foreign !== null && { foreign }),
    region: platform.region,
    profile: config.platform === 'bedrock' ? config.profile : undefined,
    ...(config.platform === 'foundry' && { hosting: config.hosting }),
    ...(config.models !== undefined && { models: readByModel(config.models, name, 'models') }),
    ...(config.price !== undefined && { rates: readOwnPrice(config.price, name) }),
    ...(config.betas !== undefined && { betas: new Map(Object.entries(config.betas)) }),
    ...(platform.getOutputWeight !== undefined && {
      quota: { getOutputWeight: platform.getOutputWeight, limits: readQuotaLimits(config, name) },
    }),
    ...listSecrets(platform, proxy),
    learned,
    baseUrl,
    ...(proxy !== null && { proxy: proxy.name }),
    connections: () => http.connections,
    connectionsFull: () => http.fullTimes,
    close: () => http.close(),
  }
}

function listSecrets({ secrets, signingSecret }: PlatformParts, proxy: Proxy | null) {
  const sent = secrets.filter((secret) => secret !== undefined)
  const sentSecrets = proxy === null ? sent : [...sent, ...listProxySecrets(proxy)]
  return { sentSecrets, secrets: signingSecret === undefined ? sentSecrets : [signingSecret, ...sentSecrets] }
}

function readQuotaLimits(config: CloudConfig, upstream: string): ReadonlyMap<string, number> {
  if (config.platform !== 'bedrock' || config.tokens_per_minute === undefined) return new Map()
  return readByModel(config.tokens_per_minute, upstream, 'tokens_per_minute')
}

/** The values of a member by the catalog's id; throws a GatewayError for an unknown model. */
function readByModel<T>(
  values: Readonly<Record<string, T>>,
  upstream: string,
  member: string,
): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(values).map(([name, value]) => {
      if (name === anyModel) return [name, value]
      const found = resolve(name)
      if (found.ok) return [found.model.id, value]
      const message = `upstream '${upstream}': ${member}: '${name}' is not a model`
      throw new GatewayError('config_invalid', message, { hint: hintAtModels(found) })
    }),
  )
}
