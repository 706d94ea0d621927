import { Agent } from 'node:http'

import type { TokenCredentialOptions } from '@azure/identity'

import { createCredentialCache } from './credential-cache.ts'
import { CredentialError } from './credential-error.ts'
import type { LearnedSecrets } from './learned-secrets.ts'
import type { ProxyChoice } from '../proxies/choose-proxy.ts'
import type { GetAccessToken } from './token.ts'

export interface EntraTokenConfig {
  /** The tenant, the application and its secret; default: the Azure default credential chain. */
  readonly application?:
    | {
        readonly tenantId: string
        readonly clientId: string
        readonly clientSecret: string
        /** The address of Entra in another cloud than the public one. */
        readonly authorityHost?: string | undefined
      }
    | undefined
  /** The client id of a user-assigned managed identity. */
  readonly managedIdentityId?: string | undefined
  /** Default: the scope of Foundry; older resources need `https://cognitiveservices.azure.com/.default`. */
  readonly scope?: string | undefined
  readonly learned?: LearnedSecrets
  readonly proxies?: ProxyChoice
  readonly nowMs?: () => number
}

const foundryScope = 'https://ai.azure.com/.default'

/**
 * Creates a source of access tokens of Microsoft Entra ID. `@azure/identity` is an optional package, which is loaded at
 * the first token.
 */
export function createEntraToken({
  application,
  managedIdentityId,
  scope = foundryScope,
  learned,
  proxies,
  nowMs,
}: EntraTokenConfig): GetAccessToken {
  const fetchToken = async () => {
    const identity = await loadLibrary()
    const transport = createTransport(proxies)
    // A new credential for each token: it has no older one.
    const credential =
      application === undefined
        ? new identity.DefaultAzureCredential({
            ...(managedIdentityId !== undefined && { managedIdentityClientId: managedIdentityId }),
            ...transport.options,
          })
        : new identity.ClientSecretCredential(
            application.tenantId,
            application.clientId,
            application.clientSecret,
            // The configured address is trusted; otherwise the library asks the public cloud about it.
            {
              ...(application.authorityHost !== undefined && {
                authorityHost: application.authorityHost,
                disableInstanceDiscovery: true,
              }),
              ...transport.options,
            },
          )
    const found = await credential.getToken(scope).catch((error: unknown) => {
      throw transport.lastError() ?? error
    })
    if (found === null) throw new Error('the answer contains no access token')
    learned?.add([found.token])
    return { value: found.token, expiresAtMs: found.expiresOnTimestamp }
  }
  const tried =
    application === undefined
      ? "Azure's default credentials"
      : `the application ${application.clientId} of Microsoft Entra`
  const hint =
    application === undefined
      ? 'Run `az login`, assign a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the upstream an api_key.'
      : 'Check tenant, application and secret, and that the application has the role "Azure AI User" on the resource.'
  return createCredentialCache({
    fetch: () =>
      fetchToken().catch((cause: unknown) => {
        throw cause instanceof CredentialError ? cause : new CredentialError({ tried, cause, hint })
      }),
    ...(nowMs !== undefined && { nowMs }),
  })
}

interface Transport {
  readonly options: TokenCredentialOptions
  /** The last error of a request, which the library replaces by one of its own. */
  readonly lastError: () => Error | null
}

/**
 * The library reads HTTPS_PROXY itself, unless a request has an agent. Managed identities use the first one, because they
 * drop the policy: metadata services are asked directly, by http.
 */
function createTransport(proxies: ProxyChoice | undefined): Transport {
  const agents = proxies?.agents ?? null
  if (agents === null) return { options: {}, lastError: () => null }
  let lastError: Error | null = null
  const policy: Policy = {
    name: 'proxyAgents',
    sendRequest: async (request, next) => {
      request.agent = request.url.startsWith('https:') ? agents.https : agents.http
      try {
        return await next(request)
      } catch (error) {
        lastError = error instanceof Error ? error : null
        throw error
      }
    },
  }
  const options = { agent: new Agent(), additionalPolicies: [{ policy, position: 'perRetry' as const }] }
  return { options, lastError: () => lastError }
}

type Policy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy']

async function loadLibrary() {
  try {
    return await import('@azure/identity')
  } catch (cause) {
    throw new CredentialError({
      tried: 'Microsoft Entra',
      cause: new Error('the package @azure/identity is not installed', { cause }),
      hint: 'Install it with `npm install @azure/identity`, or give the upstream an api_key.',
    })
  }
}
