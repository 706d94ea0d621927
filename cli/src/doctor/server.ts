import { existsSync } from 'node:fs'

import { isLoopbackHost, isRecord, parseJson } from '@anthology/wire'

import { findAdminKey } from '../admin-server.ts'
import { findLocalKey } from '../chat/server.ts'
import { invocation } from '../invocation.ts'
import { reachableHost } from '../server-address.ts'
import type { ChosenSettings } from '../settings.ts'
import { describeChangedRouting } from './changed-routing.ts'
import { fail, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import { probe } from './probe.ts'
import type { Probe } from './probe.ts'
import { describeUpstreamHealth } from './upstream-health.ts'

export interface ServerState {
  readonly findings: readonly Finding[]
  readonly dateMs: number | null
}

export interface OwnServer {
  readonly dataFolder: string
  readonly isServed: boolean
  /** The configured TLS certificate. */
  readonly certificate: string | undefined
}

/** Checks that a gateway listens at the configured address, is ready, and accepts the local key. */
export async function inspectServer(
  { port, host }: ChosenSettings,
  { dataFolder, isServed, certificate }: OwnServer,
): Promise<ServerState> {
  const scheme = certificate === undefined ? 'http' : 'https'
  const url = `${scheme}://${reachableHost(host.value)}:${port.value}`
  const ask = (path: string, headers?: Readonly<Record<string, string>>) =>
    probe(`${url}${path}`, headers, { certificate })
  const health = await ask('/healthz')
  if (!health.ok) return { findings: [describeAbsence(url, health, isServed)], dateMs: null }
  if (health.status !== 200 || !health.body.includes('"ok"')) {
    const finding = fail('Server', 'healthz', [
      `another program listens on ${url} (it responded with ${health.status})`,
      'Stop it, or choose another port with --port.',
    ])
    return { findings: [finding], dateMs: null }
  }
  const ready = await ask('/readyz')
  const findings = [
    ok('Server', 'healthz', `a gateway listens on ${url}`),
    describeReadiness(ready),
    ...(isServed ? [] : [describeLostFolder(url, dataFolder)]),
  ]
  const key = findLocalKey(dataFolder)
  if (key === null) {
    const next = 'Give its data folder with --data, as at its start.'
    return {
      findings: [
        ...findings,
        warn('Server', 'models', [`not checked: ${dataFolder} has no local key`, next]),
      ],
      dateMs: health.dateMs,
    }
  }
  const models = await ask('/v1/models?limit=1', {
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
  })
  // The keys of the data folder are only sent to this machine.
  const adminKey = isLoopbackHost(host.value) ? findAdminKey(dataFolder) : null
  const upstreams =
    adminKey === null
      ? []
      : [
          ...describeUpstreamHealth(await ask('/admin/v1/upstreams', { 'x-api-key': adminKey })),
          ...describeChangedRouting(await ask('/admin/v1/routing', { 'x-api-key': adminKey })),
        ]
  return {
    findings: [...findings, describeModels(models, dataFolder), ...upstreams],
    dateMs: health.dateMs,
  }
}

function describeAbsence(url: string, health: Extract<Probe, { ok: false }>, isServed: boolean): Finding {
  if (health.because !== 'refused')
    return fail('Server', 'healthz', [`${url} does not respond: ${health.detail}`, 'Check host and port.'])
  return isServed
    ? warn('Server', 'healthz', [
        `nothing listens on ${url}, but a running server uses the data folder`,
        'It listens on another port: give it with --port.',
      ])
    : warn('Server', 'healthz', [`nothing listens on ${url}`, `Start the server: ${invocation} serve`])
}

/** A server locks its folder. Without the lock it has another folder, or this one is not the one it opened. */
function describeLostFolder(url: string, dataFolder: string): Finding {
  const state = existsSync(dataFolder) ? 'is not in use by it' : 'does not exist'
  return warn('Server', 'data folder', [
    `the data folder ${dataFolder} ${state}: the server on ${url} has another one, or this one was removed or replaced while it ran`,
    'Give its data folder with --data. If it was removed, restart the server, because it cannot record calls.',
  ])
}

function describeReadiness(ready: Probe): Finding {
  if (ready.ok && ready.status === 200) return ok('Server', 'readyz', 'it accepts calls')
  const text = ready.ok
    ? `it is not ready (${ready.status}): ${readReasons(ready.body)}`
    : `it does not respond: ${ready.detail}`
  return fail('Server', 'readyz', [text, 'It is stopping, or cannot write its ledger: see its log.'])
}

/** The reasons in the body of `/readyz`. */
function readReasons(body: string): string {
  const parsed = parseJson(body)
  const because = isRecord(parsed) ? parsed['because'] : undefined
  return Array.isArray(because) ? because.map(String).join(', ') : 'it gives no reason'
}

function describeModels(models: Probe, dataFolder: string): Finding {
  if (models.ok && models.status === 200) return ok('Server', 'models', 'it accepts the local key')
  if (models.ok && models.status === 401)
    return warn('Server', 'models', [
      `it does not accept the local key of ${dataFolder}`,
      'It was started with another data folder: give that one with --data.',
    ])
  const text = models.ok ? `it responded with ${models.status}` : models.detail
  return fail('Server', 'models', [`the request for its models failed: ${text}`, 'See its log.'])
}
