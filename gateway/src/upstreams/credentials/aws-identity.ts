import { createCredentialCache } from './credential-cache.ts'
import type { GetCredential } from './credential-cache.ts'
import { CredentialError } from './credential-error.ts'
import type { LearnedSecrets } from './learned-secrets.ts'
import type { ProxyChoice } from '../proxies/choose-proxy.ts'

/** Credentials of AWS, as its libraries return them. */
export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

export interface AwsIdentityConfig {
  readonly region: string
  /** Access keys of a user or of a session. */
  readonly keys?: AwsIdentity | undefined
  /** A profile of the shared configuration files; default: the AWS default chain. */
  readonly profileName?: string | undefined
  /** A role to assume with these credentials. */
  readonly role?: AwsRole | undefined
  readonly learned?: LearnedSecrets
  readonly proxies?: ProxyChoice
  readonly nowMs?: () => number
}

export interface AwsRole {
  readonly arn: string
  readonly externalId?: string | undefined
  /** The address of STS, if it is not the region's (an interface endpoint, tests). */
  readonly stsUrl?: string | undefined
}

/** Returns credentials; called for each request. `sessionName`: whose session of the role it is. */
export type GetAwsIdentity = (options: {
  readonly forceRefresh: boolean
  readonly sessionName?: string | undefined
}) => Promise<AwsIdentity>

/**
 * Creates a source of AWS credentials: access keys, a profile, or the default chain (environment, shared files,
 * `credential_process`, web identity, ECS, EC2); with a role, the credentials of a session of that role. Each session
 * name has a session of its own, so that AWS shows its costs separately (`line_item_iam_principal` of the Cost and
 * Usage Report). The libraries are loaded at the first request.
 */
export function createAwsIdentity(config: AwsIdentityConfig): GetAwsIdentity {
  const { keys, role } = config
  if (role === undefined) {
    if (keys !== undefined) return () => Promise.resolve(keys)
    const getChain = createChain(config)
    return ({ forceRefresh }) => getChain({ forceRefresh })
  }
  const getMaster: GetCredential<AwsIdentity> =
    keys === undefined ? createChain(config) : () => Promise.resolve(keys)
  const sessions = new Map<string, GetCredential<AwsIdentity>>()
  return ({ forceRefresh, sessionName = '' }) => {
    const name = toSessionName(sessionName)
    const session = sessions.get(name) ?? createSession(config, role, { name, getMaster })
    // The one that was used last is at the end; the first one is dropped.
    sessions.delete(name)
    sessions.set(name, session)
    if (sessions.size > maxSessions)
      for (const oldest of [...sessions.keys()].slice(0, 1)) sessions.delete(oldest)
    return session({ forceRefresh })
  }
}

/** STS has a quota of requests, so sessions are kept; one is about 2 KB. */
const maxSessions = 1_000

/** The default chain, or the one of a profile. */
function createChain({
  region,
  profileName,
  learned,
  proxies,
  nowMs,
}: AwsIdentityConfig): GetCredential<AwsIdentity> {
  const fetchIdentity = async () => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
    const chain = fromNodeProviderChain({
      clientConfig: { region, ...chooseAgents(proxies) },
      ...(profileName !== undefined && { profile: profileName }),
    })
    return keep(await chain({ forceRefresh: true }), learned)
  }
  const tried =
    profileName === undefined
      ? 'the AWS default chain (environment, shared files, process, web identity, ECS, EC2)'
      : `the AWS profile ${profileName}`
  const hint =
    profileName === undefined
      ? 'Give the upstream profile_name, role_arn, access_key_id with secret_access_key, or bearer_token, or set AWS_PROFILE or AWS_ACCESS_KEY_ID.'
      : 'Check the profile in ~/.aws/config and ~/.aws/credentials; `aws sso login` renews an SSO session.'
  return createCache({ fetchIdentity, tried, hint, nowMs })
}

interface SessionOptions {
  readonly name: string
  readonly getMaster: GetCredential<AwsIdentity>
}

function createSession(
  { region, learned, proxies, nowMs }: AwsIdentityConfig,
  role: AwsRole,
  { name, getMaster }: SessionOptions,
): GetCredential<AwsIdentity> {
  const fetchIdentity = async () => {
    const master = await getMaster({ forceRefresh: false })
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
    const assume = fromTemporaryCredentials({
      masterCredentials: master,
      params: {
        RoleArn: role.arn,
        RoleSessionName: name,
        ...(role.externalId !== undefined && { ExternalId: role.externalId }),
      },
      clientConfig: {
        region,
        ...(role.stsUrl !== undefined && { endpoint: role.stsUrl }),
        ...chooseAgents(proxies),
      },
    })
    return keep(await assume(), learned)
  }
  const tried = `the role ${role.arn} (session ${name})`
  const hint =
    'Check that the credentials of this machine may call sts:AssumeRole on the role, and that its trust policy allows them.'
  return createCache({ fetchIdentity, tried, hint, nowMs })
}

/** STS and SSO use these agents; the metadata servers of EC2 and ECS are always asked directly. */
function chooseAgents(proxies: ProxyChoice | undefined) {
  const agents = proxies?.agents ?? null
  return agents === null ? {} : { requestHandler: { httpAgent: agents.http, httpsAgent: agents.https } }
}

interface CacheOptions {
  readonly fetchIdentity: () => Promise<AwsIdentity>
  readonly tried: string
  readonly hint: string
  readonly nowMs: (() => number) | undefined
}

function createCache({ fetchIdentity, tried, hint, nowMs }: CacheOptions): GetCredential<AwsIdentity> {
  const fetch = async () => {
    try {
      const value = await fetchIdentity()
      return { value, expiresAtMs: value.expiration?.getTime() ?? null }
    } catch (cause) {
      throw cause instanceof CredentialError ? cause : new CredentialError({ tried, cause, hint })
    }
  }
  return createCredentialCache({ fetch, ...(nowMs !== undefined && { nowMs }) })
}

function keep(identity: AwsIdentity, learned: LearnedSecrets | undefined): AwsIdentity {
  learned?.addSigning(identity.secretAccessKey)
  learned?.add([identity.sessionToken])
  return identity
}

/** STS allows 2 to 64 of these characters ("AssumeRole" of the API reference). */
function toSessionName(name: string): string {
  const allowed = name.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64)
  return allowed.length < 2 ? `anthology${allowed}` : allowed
}
