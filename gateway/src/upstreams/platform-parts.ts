import { getBedrockOutputWeight } from '@anthology/catalog'

import type {
  AnthropicConfig,
  BedrockConfig,
  FoundryConfig,
  UpstreamConfig,
  VertexConfig,
} from '../config/parse-config.ts'
import { GatewayError } from '../errors.ts'
import type { UpstreamAccount } from './account.ts'
import { anthropicAdapter } from './anthropic.ts'
import type { Authorizer } from './authorized-upstream.ts'
import { bedrockAdapter } from './bedrock.ts'
import { bedrockMessagesAdapter, mantleAdapter } from './bedrock-messages.ts'
import { createAwsIdentity } from './credentials/aws-identity.ts'
import { createAwsAuthorizer } from './credentials/aws.ts'
import { createEntraToken } from './credentials/entra.ts'
import { createFederatedToken, oauthBeta } from './credentials/federation.ts'
import { createGoogleToken } from './credentials/google.ts'
import type { LearnedSecrets } from './credentials/learned-secrets.ts'
import { createTokenAuthorizer } from './credentials/token.ts'
import type { ProxyChoice } from './proxies/choose-proxy.ts'
import { foundryAdapter } from './foundry.ts'
import type { HttpUpstreamOptions } from './http-upstream.ts'
import { createVertexAdapter, getVertexUrl } from './vertex.ts'

/** The parts of an account that its platform's configuration decides. */
export interface PlatformParts {
  readonly baseUrl: string
  readonly adapter: NonNullable<UpstreamAccount['adapter']>
  /** A header that never changes, or the source of the headers; null: requests carry no credential. */
  readonly credential: StaticCredential | Authorizer | null
  readonly region?: string
  /** Set if the platform limits tokens per minute; see `TokenQuota`. */
  readonly getOutputWeight?: NonNullable<UpstreamAccount['quota']>['getOutputWeight']
  /** Credentials that requests carry. */
  readonly secrets: readonly (string | undefined)[]
  /** One that signs requests. */
  readonly signingSecret?: string | undefined
}

type StaticCredential = NonNullable<HttpUpstreamOptions['credential']>

/** Throws a GatewayError for what the schema cannot check. Sources of credentials are asked at the first call. */
export function describePlatform(
  config: RemoteConfig,
  learned: LearnedSecrets,
  proxies: ProxyChoice,
): PlatformParts {
  const parts = describe(config, { learned, proxies })
  const { credential } = parts
  if (credential !== null && 'value' in credential && !headerText.test(credential.value)) {
    const message = `upstream '${config.name ?? config.platform}': the credential has a character that no HTTP header may have`
    throw new GatewayError('config_invalid', message, {
      hint: 'Look for a line break or a typographic quotation mark in it.',
    })
  }
  return parts
}

type RemoteConfig = Exclude<UpstreamConfig, { platform: 'emulator' }>

/** Visible characters of ASCII and spaces: what every server takes in a header (RFC 9110, 5.5). */
const headerText = /^[\x20-\x7e]*$/

/** The parts of a source of credentials that are the same for all platforms. */
interface Source {
  readonly learned: LearnedSecrets
  readonly proxies: ProxyChoice
}

function describe(config: RemoteConfig, source: Source): PlatformParts {
  switch (config.platform) {
    case 'anthropic':
      return describeAnthropic(config, source)
    case 'bedrock':
      return describeBedrock(config, source)
    case 'vertex':
      return describeVertex(config, source)
    case 'foundry':
      return describeFoundry(config, source)
  }
}

function describeAnthropic(config: AnthropicConfig, source: Source): PlatformParts {
  const { base_url: baseUrl = 'https://api.anthropic.com', api_key: key, auth_token: token } = config
  return {
    baseUrl,
    adapter: anthropicAdapter,
    credential: findAnthropicCredential(config, baseUrl, source),
    secrets: [key, token, config.federation?.identity_token],
  }
}

function findAnthropicCredential(
  { api_key: key, auth_token: token, federation, name = 'anthropic' }: AnthropicConfig,
  baseUrl: string,
  source: Source,
): PlatformParts['credential'] {
  if (key !== undefined) return { header: 'x-api-key', value: key }
  if (token !== undefined) return { header: 'authorization', value: `Bearer ${token}` }
  if (federation === undefined) return null
  const { identity_token: identityToken, identity_token_file: file } = federation
  if (identityToken === undefined && file === undefined)
    throw new GatewayError('config_invalid', `upstream '${name}': federation needs an identity token`, {
      hint: 'Set identity_token_file to the file that the platform renews, or identity_token.',
    })
  const getToken = createFederatedToken({
    baseUrl,
    identity: file === undefined ? { token: identityToken ?? '' } : { file },
    ruleId: federation.rule_id,
    organizationId: federation.organization_id,
    serviceAccountId: federation.service_account_id,
    workspaceId: federation.workspace_id,
    ...source,
  })
  return createTokenAuthorizer(getToken, oauthBeta)
}

function describeBedrock(config: BedrockConfig, source: Source): PlatformParts {
  const { region, surface = 'invoke', bearer_token: bearer, secret_access_key: secret } = config
  const host =
    surface === 'mantle' ? `bedrock-mantle.${region}.api.aws` : `bedrock-runtime.${region}.amazonaws.com`
  const baseUrl = config.base_url ?? `https://${host}`
  return {
    baseUrl,
    adapter: bedrockAdapters[surface],
    credential:
      bearer === undefined
        ? createAwsAuthorizer({
            getIdentity: createIdentity(config, source),
            region,
            service: surface === 'mantle' ? 'bedrock-mantle' : 'bedrock',
            baseUrl,
          })
        : { header: 'authorization', value: `Bearer ${bearer}` },
    region,
    // On mantle, output tokens have a quota of their own ("Quotas for the bedrock-mantle endpoint", 2026).
    getOutputWeight: surface === 'mantle' ? () => 0 : getBedrockOutputWeight,
    secrets: [config.session_token, bearer],
    signingSecret: secret,
  }
}

const bedrockAdapters = { invoke: bedrockAdapter, messages: bedrockMessagesAdapter, mantle: mantleAdapter }

function createIdentity(config: BedrockConfig, source: Source) {
  const {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    session_token: sessionToken,
  } = config
  const {
    region,
    name = 'bedrock',
    profile_name: profileName,
    role_arn: arn,
    external_id: externalId,
  } = config
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new GatewayError('config_invalid', `upstream '${name}' has half of a pair of access keys`, {
      hint: 'Set both access_key_id and secret_access_key, or neither.',
    })
  return createAwsIdentity({
    region,
    profileName,
    keys:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    role: arn === undefined ? undefined : { arn, externalId, stsUrl: config.sts_url },
    ...source,
  })
}

function describeVertex(config: VertexConfig, source: Source): PlatformParts {
  const { project, location, access_token: token, credentials_file: credentialsFile } = config
  return {
    baseUrl: config.base_url ?? getVertexUrl(location),
    adapter: createVertexAdapter({ project, location }),
    credential:
      token === undefined
        ? createTokenAuthorizer(createGoogleToken({ project, credentialsFile, ...source }))
        : { header: 'authorization', value: `Bearer ${token}` },
    region: location,
    secrets: [token],
  }
}

function describeFoundry(config: FoundryConfig, source: Source): PlatformParts {
  const { base_url: url, resource, api_key: key, name = 'foundry', entra } = config
  if (url === undefined && resource === undefined)
    throw new GatewayError('config_invalid', `upstream '${name}' needs resource or base_url`, {
      hint: 'resource is the name before .services.ai.azure.com.',
    })
  return {
    baseUrl: url ?? `https://${resource}.services.ai.azure.com/anthropic`,
    adapter: foundryAdapter,
    credential:
      key === undefined
        ? createTokenAuthorizer(createEntra(entra, source))
        : { header: 'x-api-key', value: key },
    secrets: [key, entra?.client_secret],
  }
}

function createEntra(entra: FoundryConfig['entra'], source: Source) {
  const { tenant_id: tenantId, client_id: clientId, client_secret: clientSecret, scope } = entra ?? {}
  const { authority_host: authorityHost } = entra ?? {}
  if (tenantId === undefined || clientSecret === undefined || clientId === undefined)
    return createEntraToken({ managedIdentityId: clientId, scope, ...source })
  return createEntraToken({
    application: { tenantId, clientId, clientSecret, authorityHost },
    scope,
    ...source,
  })
}
