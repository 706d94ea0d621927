import { describeUnresolved, resolve } from '@anthology/catalog'

import type {
  AnthropicConfig,
  BedrockConfig,
  FoundryConfig,
  UpstreamConfig,
  VertexConfig,
} from '../config/parse-config.ts'
import { GatewayError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { UpstreamAccount } from './account.ts'
import { anthropicAdapter } from './anthropic.ts'
import { createAuthorizedUpstream } from './authorized-upstream.ts'
import type { Authorizer } from './authorized-upstream.ts'
import { bedrockAdapter, bedrockMessagesAdapter } from './bedrock.ts'
import { createAwsAuthorizer } from './credentials/aws.ts'
import { createTokenAuthorizer } from './credentials/google.ts'
import { createStaticAuthorizer } from './credentials/static.ts'
import { foundryAdapter } from './foundry.ts'
import { createForeignAdapter } from './foreign.ts'
import { anyModel, readForeignModels } from './foreign-model.ts'
import { createCountingUpstream } from './counting-upstream.ts'
import { createHttpUpstream } from './http-upstream.ts'
import { readOwnPrice } from './own-price.ts'
import { createVertexAdapter } from './vertex.ts'

type CloudConfig = Exclude<UpstreamConfig, { platform: 'emulator' }>

/** Creates the account of an upstream from its configuration. Throws a GatewayError for what the schema cannot check. */
export function createAccount(config: CloudConfig, limits: Limits): UpstreamAccount {
  const platform = describePlatform(config)
  const { baseUrl, authorizer, secrets } = platform
  const http = createHttpUpstream({ baseUrl, credential: null, limits })
  const name = config.name ?? config.platform
  const foreign = config.platform === 'anthropic' ? readForeignModels(config) : null
  const upstream = authorizer === null ? http : createAuthorizedUpstream(http, authorizer)
  return {
    name,
    platform: config.platform,
    upstream: foreign?.facts.countTokens === false ? createCountingUpstream(upstream) : upstream,
    adapter: foreign === null ? platform.adapter : createForeignAdapter(foreign.facts),
    ...(foreign !== null && { foreign }),
    region: platform.region,
    profile: config.platform === 'bedrock' ? config.profile : undefined,
    ...(config.models !== undefined && { models: readModels(config.models, name) }),
    ...(config.price !== undefined && { rates: readOwnPrice(config.price, name) }),
    secrets: secrets.filter((secret) => secret !== undefined),
    baseUrl,
    connections: () => http.connections,
    connectionsFull: () => http.fullTimes,
    close: () => http.close(),
  }
}

interface PlatformParts {
  readonly baseUrl: string
  readonly adapter: NonNullable<UpstreamAccount['adapter']>
  readonly authorizer: Authorizer | null
  readonly region?: string
  readonly secrets: readonly (string | undefined)[]
}

function describePlatform(config: CloudConfig): PlatformParts {
  switch (config.platform) {
    case 'anthropic':
      return describeAnthropic(config)
    case 'bedrock':
      return describeBedrock(config)
    case 'vertex':
      return describeVertex(config)
    case 'foundry':
      return describeFoundry(config)
  }
}

function describeAnthropic({
  base_url: url,
  api_key: key,
  auth_token: token,
}: AnthropicConfig): PlatformParts {
  return {
    baseUrl: url ?? 'https://api.anthropic.com',
    adapter: anthropicAdapter,
    authorizer:
      key !== undefined
        ? createStaticAuthorizer('x-api-key', key)
        : token === undefined
          ? null
          : createStaticAuthorizer('authorization', `Bearer ${token}`),
    secrets: [key, token],
  }
}

function describeBedrock(config: BedrockConfig): PlatformParts {
  const { region, surface = 'invoke', bearer_token: bearer } = config
  const { access_key_id: id, secret_access_key: secret, session_token: session } = config
  const isMantle = surface === 'mantle'
  const baseUrl =
    config.base_url ??
    (isMantle
      ? `https://bedrock-mantle.${region}.api.aws`
      : `https://bedrock-runtime.${region}.amazonaws.com`)
  if (id === undefined || secret === undefined) {
    if (bearer === undefined) throw new Error('credential chain')
  }
  const identity = {
    accessKeyId: id ?? '',
    secretAccessKey: secret ?? '',
    ...(session !== undefined && { sessionToken: session }),
  }
  return {
    baseUrl,
    adapter: surface === 'invoke' ? bedrockAdapter : bedrockMessagesAdapter,
    authorizer:
      bearer === undefined
        ? createAwsAuthorizer({
            getIdentity: async () => identity,
            region,
            service: isMantle ? 'bedrock-mantle' : 'bedrock',
            baseUrl,
          })
        : createStaticAuthorizer('authorization', `Bearer ${bearer}`),
    region,
    secrets: [secret, session, bearer],
  }
}

function describeVertex({
  base_url: url,
  project,
  location,
  access_token: token,
}: VertexConfig): PlatformParts {
  if (token === undefined) throw new Error('credential chain')
  return {
    baseUrl: url ?? `https://${getVertexHost(location)}`,
    adapter: createVertexAdapter({ project, location }),
    authorizer: createTokenAuthorizer(async () => token),
    region: location,
    secrets: [token],
  }
}

/** The hosts of "Use Claude models" in the Google Cloud documentation; the multi-regions have names of their own. */
function getVertexHost(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`
  return `${location}-aiplatform.googleapis.com`
}

function describeFoundry({ base_url: url, resource, api_key: key, name }: FoundryConfig): PlatformParts {
  if (url === undefined && resource === undefined)
    throw new GatewayError('config_invalid', `upstream '${name ?? 'foundry'}' needs resource or base_url`, {
      hint: 'resource is the name before .services.ai.azure.com.',
    })
  if (key === undefined) throw new Error('credential chain')
  return {
    baseUrl: url ?? `https://${resource}.services.ai.azure.com/anthropic`,
    adapter: foundryAdapter,
    authorizer: createStaticAuthorizer('x-api-key', key),
    secrets: [key],
  }
}

/** The names at an upstream by the catalog's id; throws a GatewayError for an unknown model. */
function readModels(models: Readonly<Record<string, string>>, upstream: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(models).map(([name, own]) => {
      if (name === anyModel) return [name, own]
      const found = resolve(name)
      if (found.ok) return [found.model.id, own]
      const message = `upstream '${upstream}': models: '${name}' is not a model`
      throw new GatewayError('config_invalid', message, { hint: describeUnresolved(found) })
    }),
  )
}
