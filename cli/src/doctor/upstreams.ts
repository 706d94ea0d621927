import { GatewayError } from '@anthology/gateway'
import type { Config, UnsetReference, UpstreamConfig } from '@anthology/gateway'

import { fail, getReason, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import { inspectCloudUpstream, withoutDate } from './cloud-upstream.ts'
import type { CheckOptions, CheckedUpstream } from './cloud-upstream.ts'
import { nextSteps, probe } from './probe.ts'
import type { Probe } from './probe.ts'
import { findRoute } from './upstream-route.ts'

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

/** Warns of a variable that other programs read, and the gateway does not. */
function inspectProxy({ upstreams = [] }: Config, env: InspectOptions['env']): readonly Finding[] {
  const isSet = (name: string): boolean => (env[name] ?? '') !== ''
  const set = ['all_proxy', 'ALL_PROXY'].find(isSet)
  const isReplaced = ['https_proxy', 'HTTPS_PROXY'].some(isSet)
  if (set === undefined || isReplaced || upstreams.every(({ platform }) => platform === 'emulator')) return []
  return [
    warn('Upstreams', 'proxy', [
      `${set} is set, and the gateway does not read it`,
      'Set HTTPS_PROXY, or proxy of the upstreams.',
    ]),
  ]
}

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
  try {
    return await inspectHttpUpstream(upstream, { name, offline, env })
  } catch (error) {
    const hint = error instanceof GatewayError ? error.hint : undefined
    return withoutDate(fail('Upstreams', name, [getReason(error), hint ?? 'Correct its configuration.']))
  }
}

/** Throws a GatewayError for a proxy that is none. */
async function inspectHttpUpstream(
  upstream: HttpUpstream,
  { name, offline, env }: CheckOptions,
): Promise<CheckedUpstream> {
  const url = getBaseUrl(upstream)
  const route = findRoute(upstream, url, env)
  if (offline)
    return withoutDate(ok('Upstreams', name, `${url}${route.text}, not checked because of --offline`))
  const answer = await probe(`${url}/v1/models?limit=1`, createHeaders(upstream), { proxy: route.proxy })
  const finding = describe(upstream, { name, url: `${url}${route.text}` }, answer)
  return { finding, dateMs: answer.ok ? answer.dateMs : null }
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

function describe(
  upstream: HttpUpstream,
  { name, url }: { readonly name: string; readonly url: string },
  answer: Probe,
): Finding {
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
