import { readFile } from 'node:fs/promises'

import { isLoopbackHost, isRecord, parseError, parseJson } from '@anthology/wire'

import { createCredentialCache } from './credential-cache.ts'
import type { ExpiringCredential } from './credential-cache.ts'
import { CredentialError } from './credential-error.ts'
import type { LearnedSecrets } from './learned-secrets.ts'
import type { ProxyChoice } from '../proxies/choose-proxy.ts'
import { fetchThrough } from '../proxies/fetch-through.ts'
import type { GetAccessToken } from './token.ts'

export interface FederationConfig {
  readonly baseUrl: string
  /** The identity token of the workload: itself, or a file that its platform renews. */
  readonly identity: { readonly token: string } | { readonly file: string }
  readonly ruleId: string
  readonly organizationId: string
  readonly serviceAccountId?: string | undefined
  readonly workspaceId?: string | undefined
  readonly learned?: LearnedSecrets
  readonly proxies?: ProxyChoice
  readonly nowMs?: () => number
}

/** The beta that every request with such a token needs. */
export const oauthBeta = 'oauth-2025-04-20'
const exchangeBetas = `${oauthBeta},oidc-federation-2026-04-01`
/** The service refuses longer identity tokens. */
const maxIdentityBytes = 16 * 1024

/**
 * Exchanges the identity token of a workload for a short access token of the Claude API (workload identity federation,
 * SDK 1.14). There is no refresh token: each access token needs another exchange. The intervals are those of the SDK.
 */
export function createFederatedToken({ nowMs, ...config }: FederationConfig): GetAccessToken {
  const tried = `the federation rule ${config.ruleId} at ${config.baseUrl}`
  const hint =
    'Check that the identity token is current, that the rule accepts its issuer and subject, and that the organization and workspace are right.'
  return createCredentialCache({
    fetch: () =>
      exchange(config, nowMs ?? Date.now).catch((cause: unknown) => {
        throw new CredentialError({ tried, cause, hint })
      }),
    refreshAheadMs: 120_000,
    minLeftMs: 30_000,
    ...(nowMs !== undefined && { nowMs }),
  })
}

async function exchange(
  config: Omit<FederationConfig, 'nowMs'>,
  nowMs: () => number,
): Promise<ExpiringCredential<string>> {
  const url = new URL(`${config.baseUrl.replace(/\/$/, '')}/v1/oauth/token`)
  if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname))
    throw new Error('an identity token is sent over https only')
  const { ok, status, body } = await post(url, config.proxies, {
    headers: { 'content-type': 'application/json', 'anthropic-beta': exchangeBetas },
    body: JSON.stringify({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await readIdentity(config),
      federation_rule_id: config.ruleId,
      organization_id: config.organizationId,
      service_account_id: config.serviceAccountId,
      workspace_id: config.workspaceId,
    }),
  })
  if (!ok) throw new Error(`status ${status}: ${parseError(body).message}`)
  const answer = parseJson(new TextDecoder().decode(body))
  const token = isRecord(answer) ? answer['access_token'] : undefined
  const seconds = isRecord(answer) ? answer['expires_in'] : undefined
  if (typeof token !== 'string' || token === '') throw new Error('the answer contains no access token')
  config.learned?.add([token])
  return { value: token, expiresAtMs: typeof seconds === 'number' ? nowMs() + seconds * 1_000 : null }
}

async function post(
  url: URL,
  proxies: ProxyChoice | undefined,
  request: { readonly headers: Record<string, string>; readonly body: string },
): Promise<{ readonly ok: boolean; readonly status: number; readonly body: Uint8Array }> {
  const options = { method: 'POST', redirect: 'error', ...request } as const
  const proxy = proxies?.choose(url.href) ?? null
  const response = await (proxy === null ? fetch(url, options) : fetchThrough(proxy, url.href, options))
  const { ok, status } = response
  return { ok, status, body: new Uint8Array(await response.arrayBuffer()) }
}

async function readIdentity({
  identity,
  learned,
}: Pick<FederationConfig, 'identity' | 'learned'>): Promise<string> {
  const token = 'token' in identity ? identity.token : (await readFile(identity.file, 'utf8')).trim()
  if (token === '') throw new Error('the identity token is empty')
  if (Buffer.byteLength(token) > maxIdentityBytes)
    throw new Error(`the identity token is longer than ${maxIdentityBytes} bytes`)
  learned?.add([token])
  return token
}
