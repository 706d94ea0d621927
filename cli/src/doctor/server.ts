import { findLocalKey, reachableHost } from '../chat/server.ts'
import { invocation } from '../invocation.ts'
import type { ChosenSettings } from '../settings.ts'
import { fail, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import { probe } from './probe.ts'
import type { Probe } from './probe.ts'

export interface ServerState {
  readonly findings: readonly Finding[]
  readonly dateMs: number | null
}

/** Checks that a gateway listens at the configured address, is ready, and accepts the local key. */
export async function inspectServer(
  { port, host }: ChosenSettings,
  { dataFolder, isServed }: { readonly dataFolder: string; readonly isServed: boolean },
): Promise<ServerState> {
  const url = `http://${reachableHost(host.value)}:${port.value}`
  const health = await probe(`${url}/healthz`)
  if (!health.ok) return { findings: [describeAbsence(url, health, isServed)], dateMs: null }
  if (health.status !== 200 || !health.body.includes('"ok"')) {
    const finding = fail('Server', 'healthz', [
      `something else than Anthology listens on ${url} (it answered ${health.status})`,
      'Stop it, or choose another port with --port.',
    ])
    return { findings: [finding], dateMs: null }
  }
  const ready = await probe(`${url}/readyz`)
  const findings = [ok('Server', 'healthz', `a gateway listens on ${url}`), describeReadiness(ready)]
  const key = findLocalKey(dataFolder)
  if (key === null) {
    const next = 'Name its data folder with --data, as its start did.'
    return {
      findings: [
        ...findings,
        warn('Server', 'models', [`${dataFolder} has no local key to try it with`, next]),
      ],
      dateMs: health.dateMs,
    }
  }
  const models = await probe(`${url}/v1/models?limit=1`, {
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
  })
  return { findings: [...findings, describeModels(models, dataFolder)], dateMs: health.dateMs }
}

function describeAbsence(url: string, health: Extract<Probe, { ok: false }>, isServed: boolean): Finding {
  if (health.because !== 'refused')
    return fail('Server', 'healthz', [`${url} does not answer: ${health.detail}`, 'Check host and port.'])
  return isServed
    ? warn('Server', 'healthz', [
        `nothing listens on ${url}, but a running server holds the data folder`,
        'It listens on another port: name it with --port.',
      ])
    : warn('Server', 'healthz', [`nothing listens on ${url}`, `Start the server: ${invocation} serve`])
}

function describeReadiness(ready: Probe): Finding {
  if (ready.ok && ready.status === 200) return ok('Server', 'readyz', 'it takes calls')
  const text = ready.ok ? `it is not ready (${ready.status})` : `it does not answer: ${ready.detail}`
  return fail('Server', 'readyz', [text, 'It is stopping, or cannot write its ledger: its log says which.'])
}

function describeModels(models: Probe, dataFolder: string): Finding {
  if (models.ok && models.status === 200) return ok('Server', 'models', 'it takes the local key')
  if (models.ok && models.status === 401)
    return warn('Server', 'models', [
      `it does not take the local key of ${dataFolder}`,
      'It was started with another data folder: name that one with --data.',
    ])
  const text = models.ok ? `it answered ${models.status}` : models.detail
  return fail('Server', 'models', [`a call for the models failed: ${text}`, 'Its log says more.'])
}
