import type { Config, UnsetReference, UpstreamConfig } from '@anthology/gateway'

import { fail, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import { inspectCloudUpstream, withoutDate } from './cloud-upstream.ts'
import type { CheckedUpstream } from './cloud-upstream.ts'
import { nextSteps, probe } from './probe.ts'
import type { Probe } from './probe.ts'

export interface Upstreams {
  readonly findings: readonly Finding[]
  /** The `date` header of the first upstream that responded: an external clock. */
  readonly dateMs: number | null
}

interface InspectOptions {
  readonly offline: boolean
  readonly unset: readonly UnsetReference[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Checks that each upstream is reachable and accepts its credential, with a request that costs nothing. */
export async function inspectUpstreams(config: Config, options: InspectOptions): Promise<Upstreams> {
  const findings: Finding[] = []
  let dateMs: number | null = null
  for (const [index, upstream] of (config.upstreams ?? [{ platform: 'emulator' as const }]).entries()) {
    const checked = await inspectUpstream(upstream, index, options)
    findings.push(checked.finding)
    dateMs ??= checked.dateMs
  }
  return { findings: [...findings, ...inspectProxy(config, options.env)], dateMs }
}

/** Only clients that read the variables of a proxy would call an upstream through it. */
function inspectProxy({ upstreams = [] }: Config, env: InspectOptions['env']): readonly Finding[] {
  const set = proxyVariables.find((name) => (env[name] ?? '') !== '')
  if (set === undefined || upstreams.every(({ platform }) => platform === 'emulator')) return []
  return [
    warn('Upstreams', 'proxy', [
      `${set} is set, but the gateway calls its upstreams directly`,
      'Let this machine reach them, or name a reverse proxy as base_url.',
    ]),
  ]
}

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']

async function inspectUpstream(
  upstream: UpstreamConfig,
  index: number,
  { offline, unset, env }: InspectOptions,
): Promise<CheckedUpstream> {
  const name = upstream.name ?? upstream.platform
  const missing = unset.find(({ member }) => member.startsWith(`upstreams.${index}.`))
  if (missing !== undefined)
    return withoutDate(
      warn('Upstreams', name, [
        `not checked: ${missing.variable} is not set here`,
        `Set ${missing.variable}, and run doctor again.`,
      ]),
    )
  if (upstream.platform === 'emulator')
    return withoutDate(ok('Upstreams', name, 'the offline emulator: no account, no cost, no network'))
  if (hasPassword(upstream.base_url ?? ''))
    return withoutDate(
      fail('Upstreams', name, [
        'its base_url contains a password',
        upstream.platform === 'anthropic' ? 'Move it to api_key or auth_token.' : 'Remove it.',
      ]),
    )
  if (upstream.platform !== 'anthropic') return inspectCloudUpstream(upstream, { name, offline, env })
  if (offline)
    return withoutDate(ok('Upstreams', name, `${getBaseUrl(upstream)}, not checked because of --offline`))
  const answer = await probe(`${getBaseUrl(upstream)}/v1/models?limit=1`, createHeaders(upstream))
  return { finding: describe(upstream, name, answer), dateMs: answer.ok ? answer.dateMs : null }
}

type HttpUpstream = Extract<UpstreamConfig, { platform: 'anthropic' }>

function getBaseUrl({ base_url: url = 'https://api.anthropic.com' }: HttpUpstream): string {
  return url.replace(/\/$/, '')
}

/** A password in a URL would be printed with every message about the upstream. */
function hasPassword(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null
  return parsed !== null && (parsed.username !== '' || parsed.password !== '')
}

function createHeaders({ api_key: key, auth_token: token }: HttpUpstream): Readonly<Record<string, string>> {
  return {
    'anthropic-version': '2023-06-01',
    ...(key === undefined ? {} : { 'x-api-key': key }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
}

function describe(upstream: HttpUpstream, name: string, answer: Probe): Finding {
  const url = getBaseUrl(upstream)
  if (!answer.ok)
    return fail('Upstreams', name, [`${url} is not reachable: ${answer.detail}`, nextSteps[answer.because]])
  const member = upstream.auth_token === undefined ? 'api_key' : 'auth_token'
  const hasCredential = upstream.api_key !== undefined || upstream.auth_token !== undefined
  switch (answer.status) {
    case 200:
      return hasCredential
        ? ok('Upstreams', name, `${url} accepts its credential (${answer.tookMs} ms)`)
        : ok('Upstreams', name, `${url} responds without a credential (${answer.tookMs} ms)`)
    case 401:
    case 403:
      return fail('Upstreams', name, [
        `${url} is reachable but rejects ${hasCredential ? `its ${member}` : 'a request without a credential'} (${answer.status})`,
        `Set a valid ${member} for it in the configuration.`,
      ])
    case 404:
      return warn('Upstreams', name, [
        `${url} is reachable but has no /v1/models, so its credential was not checked`,
        'If calls fail too, check base_url: it is the address before /v1.',
      ])
    default:
      return warn('Upstreams', name, [
        `${url} is reachable but responded with ${answer.status}`,
        answer.status === 429 || answer.status >= 500
          ? 'Try again later.'
          : 'Check base_url: it is the address before /v1.',
      ])
  }
}
