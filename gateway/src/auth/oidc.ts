import type { Configuration } from 'openid-client'
import { isLoopbackHost } from '@anthology/wire'

import { createProxiedFetch } from '../upstreams/proxies/fetch-through.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'
import type { Role } from './roles.ts'

/** Sign-in through an OpenID Connect provider, as in `console.oidc` of anthology.yaml. */
export interface OidcConfig {
  readonly issuer: string
  readonly client_id: string
  readonly client_secret?: string
  /** The provider's name on the button. Default: the host of the issuer. */
  readonly name?: string
  readonly scopes?: readonly string[]
  /** The claim with the groups of a user. */
  readonly groups_claim?: string
  /** The role of each group. A user of several groups gets the role that may do most. */
  readonly roles?: Readonly<Record<string, Role>>
  /**
   * The names of the workspaces that each group may see, `*` for all. Without it, everybody sees all of them; with it, who
   * is in none of its groups sees none.
   */
  readonly workspaces?: Readonly<Record<string, readonly string[]>>
}

/** The statements of a provider about a user who has signed in. */
export interface OidcUser {
  readonly subject: string
  readonly name: string
  /** Null if it is missing, or if the provider states that it is not verified. */
  readonly email: string | null
  readonly groups: readonly string[]
}

/** The secrets of one sign-in, between its start and the provider's answer. */
export interface OidcLogin {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

export interface OidcProvider {
  readonly name: string
  readonly config: OidcConfig
  /** The address at which the user signs in, and the secrets that `finish` needs. */
  start(redirectUri: string): Promise<{ readonly url: string; readonly login: OidcLogin }>
  /** Checks the provider's answer and reads the user. Rejects with an error of openid-client. */
  finish(answer: URL, login: OidcLogin): Promise<OidcUser>
}

/** The library is loaded, and the provider asked for its configuration, at the first sign-in. */
export function createOidcProvider(config: OidcConfig, proxies: Pick<ProxyChoice, 'choose'>): OidcProvider {
  const { issuer, client_id: clientId, client_secret: clientSecret, scopes = defaultScopes } = config
  let discovered: Promise<Configuration> | null = null

  async function discover(): Promise<Configuration> {
    const client = await import('openid-client')
    // A provider on this machine may be asked without TLS, as in tests.
    const execute = isLoopbackHost(new URL(issuer).hostname) ? [client.allowInsecureRequests] : []
    return client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute,
      [client.customFetch]: createProxiedFetch(proxies),
    })
  }

  function getConfiguration(): Promise<Configuration> {
    discovered ??= discover().catch((error: unknown) => {
      discovered = null
      throw error
    })
    return discovered
  }

  return {
    name: config.name ?? new URL(issuer).host,
    config,

    async start(redirectUri) {
      const client = await import('openid-client')
      const login = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(await getConfiguration(), {
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state: login.state,
        nonce: login.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(login.codeVerifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, login }
    },

    async finish(answer, { state, nonce, codeVerifier }) {
      const client = await import('openid-client')
      const configuration = await getConfiguration()
      const tokens = await client.authorizationCodeGrant(configuration, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('the provider sent no identity token')
      const { userinfo_endpoint: hasMore } = configuration.serverMetadata()
      const more =
        hasMore === undefined
          ? {}
          : await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      return readUser({ ...claims, ...more, sub: claims.sub }, config.groups_claim ?? 'groups')
    },
  }
}

const defaultScopes = ['openid', 'profile', 'email']

function readUser(claims: Readonly<Record<string, unknown>>, groupsClaim: string): OidcUser {
  const { sub, name, email, email_verified: isVerified } = claims
  const groups = claims[groupsClaim]
  const given = Array.isArray(groups) ? groups : typeof groups === 'string' ? [groups] : []
  return {
    subject: String(sub),
    name: typeof name === 'string' ? name : typeof email === 'string' ? email : String(sub),
    email: typeof email === 'string' && isVerified !== false ? email : null,
    groups: given.filter((group): group is string => typeof group === 'string'),
  }
}

/** The role that may do most among those of a user's groups; null: none of them has a role. */
export function findRole({ roles: byGroup = {} }: OidcConfig, groups: readonly string[]): Role | null {
  const own = groups.flatMap((group) => (Object.hasOwn(byGroup, group) ? [byGroup[group]] : []))
  return (['admin', 'billing', 'viewer', 'member'] as const).find((role) => own.includes(role)) ?? null
}

/** Stands for all workspaces, also those that are created later. */
export const allWorkspaces = '*'

/** The names of the workspaces of a user's groups; null: all. */
export function findWorkspaceNames(
  { workspaces }: OidcConfig,
  groups: readonly string[],
): readonly string[] | null {
  if (workspaces === undefined) return null
  const names = groups.flatMap((group) => (Object.hasOwn(workspaces, group) ? (workspaces[group] ?? []) : []))
  return names.includes(allWorkspaces) ? null : [...new Set(names)]
}
