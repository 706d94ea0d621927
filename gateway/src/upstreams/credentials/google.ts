import { readFile } from 'node:fs/promises'
import { Agent } from 'node:http'

import { parseJson, readRecord, readText } from '@anthology/wire'
import type {
  AuthClient,
  AwsClientOptions,
  ExternalAccountClientOptions,
  IdentityPoolClientOptions,
  PluggableAuthClientOptions,
  gaxios,
} from 'google-auth-library'

import { createCredentialCache } from './credential-cache.ts'
import { CredentialError } from './credential-error.ts'
import type { LearnedSecrets } from './learned-secrets.ts'
import type { ProxyChoice } from '../proxies/choose-proxy.ts'
import type { GetAccessToken } from './token.ts'

export interface GoogleTokenConfig {
  /** The project of the upstream; without it the library would ask Google for one. */
  readonly project: string
  /** A key of a service account, or a configuration of workload identity federation; default: application default credentials. */
  readonly credentialsFile?: string | undefined
  /** Where the key of a service account is exchanged, if not at Google's public address (Private Service Connect, tests). */
  readonly tokenUrl?: string | undefined
  readonly learned?: LearnedSecrets
  readonly proxies?: ProxyChoice
  readonly nowMs?: () => number
}

/**
 * Creates a source of access tokens of Google Cloud: application default credentials (the file that
 * `GOOGLE_APPLICATION_CREDENTIALS` names, the login of gcloud, the metadata server), or one file. The library is loaded
 * at the first token.
 */
export function createGoogleToken({
  project,
  credentialsFile,
  tokenUrl,
  learned,
  proxies,
  nowMs,
}: GoogleTokenConfig): GetAccessToken {
  const fetchToken = async () => {
    // A new client for each token: it has no older one, and it reads a file that was replaced.
    const transport = { ...useAgents(proxies), ...(tokenUrl !== undefined && redirectTokens(tokenUrl)) }
    const client =
      credentialsFile === undefined
        ? await createDefaultClient(project, transport)
        : await createFileClient(credentialsFile, transport)
    const { token } = await client.getAccessToken()
    if (typeof token !== 'string' || token === '') throw new Error('the answer contains no access token')
    learned?.add([token])
    return { value: token, expiresAtMs: client.credentials.expiry_date ?? null }
  }
  const tried =
    credentialsFile === undefined ? "Google's application default credentials" : `the file ${credentialsFile}`
  const hint =
    credentialsFile === undefined
      ? 'Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or give the upstream a credentials_file or an access_token.'
      : 'Check that the file exists, that its key has not been deleted, and that its account may call aiplatform.endpoints.predict.'
  return createCredentialCache({
    fetch: () =>
      fetchToken().catch((cause: unknown) => {
        throw new CredentialError({ tried, cause, hint })
      }),
    ...(nowMs !== undefined && { nowMs }),
  })
}

type Transport = gaxios.GaxiosOptions

async function createDefaultClient(projectId: string, transport: Transport): Promise<AuthClient> {
  const { GoogleAuth, gaxios } = await import('google-auth-library')
  // The metadata server is asked by the library's shared client, which would use HTTPS_PROXY for it.
  if (transport.agent !== undefined) gaxios.instance.defaults = { agent: new Agent() }
  const auth = new GoogleAuth({ scopes, projectId, clientOptions: { transporterOptions: transport } })
  return await shareTransport(await auth.getClient())
}

/** A client of workload identity federation exchanges its token by a transport of its own, without these options. */
async function shareTransport(client: AuthClient): Promise<AuthClient> {
  const { BaseExternalAccountClient } = await import('google-auth-library')
  // The library has no other way to it.
  if (client instanceof BaseExternalAccountClient) client['stsCredential']['transporter'] = client.transporter
  return client
}

/** The library reads HTTPS_PROXY itself; an agent replaces that. */
function useAgents(proxies: ProxyChoice | undefined): Transport {
  const agents = proxies?.agents ?? null
  return agents === null
    ? {}
    : { agent: ({ protocol }) => (protocol === 'https:' ? agents.https : agents.http) }
}

/** The library reads files itself only where the environment names them. */
async function createFileClient(file: string, transport: Transport): Promise<AuthClient> {
  const { JWT, UserRefreshClient } = await import('google-auth-library')
  const content = parseJson(await readFile(file, 'utf8'))
  const type = readText(content, 'type')
  // The library checks the members.
  if (type === 'external_account')
    return await shareTransport(
      await createExternalClient({
        ...(content as ExternalAccountClientOptions),
        transporterOptions: transport,
      }),
    )
  const read = (name: string): string => {
    const value = readText(content, name)
    if (value === null) throw new Error(`the file has no ${name}`)
    return value
  }
  if (type === 'service_account')
    return new JWT({
      email: read('client_email'),
      key: read('private_key'),
      keyId: read('private_key_id'),
      scopes,
      transporterOptions: transport,
    })
  if (type === 'authorized_user')
    return new UserRefreshClient({
      clientId: read('client_id'),
      clientSecret: read('client_secret'),
      refreshToken: read('refresh_token'),
      transporterOptions: transport,
    })
  throw new Error(
    `the file has the type ${type ?? 'none'}, not service_account, external_account or authorized_user`,
  )
}

/** Workload identity federation. The three kinds of sources have one client each; the file does not name its kind. */
async function createExternalClient(content: ExternalAccountClientOptions): Promise<AuthClient> {
  const { AwsClient, IdentityPoolClient, PluggableAuthClient } = await import('google-auth-library')
  const options = { ...content, scopes: [scopes] }
  const source = readRecord(content, 'credential_source')
  if (source?.['environment_id'] !== undefined) return new AwsClient(options as AwsClientOptions)
  if (source?.['executable'] !== undefined)
    return new PluggableAuthClient(options as PluggableAuthClientOptions)
  return new IdentityPoolClient(options as IdentityPoolClientOptions)
}

const scopes = 'https://www.googleapis.com/auth/cloud-platform'

/** The library has the address of the token service as a constant; everything else is sent where it should go. */
function redirectTokens(tokenUrl: string): { fetchImplementation: typeof fetch } {
  return {
    fetchImplementation: (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      return url === 'https://oauth2.googleapis.com/token' ? fetch(tokenUrl, init) : fetch(input, init)
    },
  }
}
