import { isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

/** Describes the health of the upstreams in a running server, from the answer of `GET /admin/v1/upstreams`. */
export function describeUpstreamHealth(answer: Probe): readonly Finding[] {
  if (!answer.ok || answer.status !== 200)
    return [
      warn('Server', 'upstreams', [
        `their health is not known: ${answer.ok ? `the server responded with ${answer.status}` : answer.detail}`,
        'The admin key of its data folder is needed: give the folder with --data.',
      ]),
    ]
  const upstreams = listRecords(readMember(parseJson(answer.body), 'data'))
  const problems = upstreams.flatMap(describeUpstream)
  const healthy = ok(
    'Server',
    'upstreams',
    `no circuit is open and no quota exhausted (${upstreams.length} in use)`,
  )
  return [...(problems.length > 0 ? problems : [healthy]), ...upstreams.flatMap(describeUse)]
}

/** One line for each model that an upstream serves now: how soon its streams begin, and what is used of its quota. */
function describeUse(upstream: object): readonly Finding[] {
  const name = readText(upstream, 'name') ?? ''
  return listRecords(readMember(upstream, 'health')).flatMap((health) => {
    const parts = [describeFirstToken(health), describeQuota(readRecord(health, 'quota'))].filter(
      (part) => part !== null,
    )
    if (parts.length === 0) return []
    return [ok('Server', 'model in use', `${readText(health, 'model')} at '${name}': ${parts.join(', ')}`)]
  })
}

function describeFirstToken(health: object): string | null {
  const [ms, answers] = ['first_token_ms', 'first_token_answers'].map((name) => readMember(health, name))
  if (typeof ms !== 'number' || typeof answers !== 'number') return null
  const count = `${answers} ${answers === 1 ? 'stream' : 'streams'}`
  return `first token after ${Math.round(ms).toLocaleString('en')} ms (median of ${count})`
}

function describeQuota(quota: object | null): string | null {
  const [used, limit] = ['used_tokens', 'tokens_per_minute'].map((name) => readMember(quota, name))
  if (typeof used !== 'number') return null
  const print = (tokens: number): string => tokens.toLocaleString('en')
  return typeof limit === 'number'
    ? `${print(used)} of ${print(limit)} tokens a minute used`
    : `${print(used)} tokens used in the last minute, of an unknown quota`
}

function describeUpstream(upstream: object): readonly Finding[] {
  const name = readText(upstream, 'name') ?? ''
  const rejected = readText(readRecord(upstream, 'credential'), 'rejected')
  const findings = listRecords(readMember(upstream, 'health')).flatMap((health) =>
    describeModel(name, health),
  )
  if (rejected === null) return findings
  const text = `upstream '${name}' has no working credential: ${rejected}`
  return [warn('Server', 'upstreams', [text, 'Correct its credential in the configuration.']), ...findings]
}

function describeModel(upstream: string, health: object): readonly Finding[] {
  const [model, state, next] = ['model', 'state', 'next_try_at'].map((name) => readText(health, name) ?? '')
  const reason = readText(health, 'last_failure')
  const because = refusalTexts[readText(health, 'refusal') ?? ''] ?? 'it failed repeatedly'
  if (state === 'open' || state === 'probe')
    return [
      warn('Server', 'upstreams', [
        `the circuit of ${model === '*' ? 'all models' : model} at upstream '${upstream}' is open, because ${because}${reason === null ? '' : ` (${reason})`}; the next try is at ${next === '' ? 'now' : next}`,
        'Calls go to other upstreams meanwhile. The log has the errors.',
      ]),
    ]
  return listRecords(readMember(health, 'exhausted_quotas')).map((exhausted) => {
    const [quota, until] = ['quota', 'next_try_at'].map((name) => readText(exhausted, name) ?? '')
    const { scope, calls } = quotaScopes[quota ?? ''] ?? { scope: '', calls: 'Calls' }
    return warn('Server', 'upstreams', [
      `the quota ${scope}of ${model} at upstream '${upstream}' is exhausted; the next try is at ${until}`,
      `${calls} go to other upstreams meanwhile. A larger quota, or a smaller max_tokens, helps.`,
    ])
  })
}

/** The account was refused, and asking again brings the same answer. */
const refusalTexts: Readonly<Record<string, string>> = {
  spend: 'its credit or spending limit is exhausted',
  account: 'its provider has disabled the account',
  model: 'its account has no access to the model',
}

/** Quotas of their own, beside that of messages. */
const quotaScopes: Readonly<Record<string, { readonly scope: string; readonly calls: string }>> = {
  fast: { scope: 'for fast mode ', calls: 'Calls with fast mode' },
  token_count: { scope: 'for token counts ', calls: 'Token counts' },
}

function readMember(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function listRecords(value: unknown): readonly object[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
