import { probeUpstream } from '@anthology/gateway'
import type { UpstreamConfig, UpstreamProbe } from '@anthology/gateway'

import { createAccounts } from '../upstreams.ts'
import { fail, getReason, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import { classifyProbeError, nextSteps } from './probe.ts'
import { findRoute } from './upstream-route.ts'

export type CloudUpstream = Extract<UpstreamConfig, { platform: 'bedrock' | 'vertex' | 'foundry' }>

/** A finding, and the `date` header of the upstream's answer. */
export interface CheckedUpstream {
  readonly finding: Finding
  readonly dateMs: number | null
}

export function withoutDate(finding: Finding): CheckedUpstream {
  return { finding, dateMs: null }
}

export interface CheckOptions {
  readonly name: string
  readonly offline: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A credential may come from a metadata server or a token service, each with a wait of its own. */
const probeMs = 10_000

/** Checks an upstream on a cloud: it counts the tokens of a word, which costs nothing on every platform. */
export async function inspectCloudUpstream(
  upstream: CloudUpstream,
  { name, offline, env }: CheckOptions,
): Promise<CheckedUpstream> {
  try {
    const [account] = createAccounts({ config: { upstreams: [upstream] }, live: false, env })
    if (account === undefined) return withoutDate(ok('Upstreams', name, 'not checked'))
    const where = describePlace(upstream) + findRoute(upstream, account.baseUrl ?? '', env).text
    if (offline) {
      await account.close?.()
      return withoutDate(ok('Upstreams', name, `${where}, not checked because of --offline`))
    }
    try {
      const result = await probeUpstream(account, probeMs)
      const finding = describeProbe(result, { name, where, platform: upstream.platform })
      return { finding, dateMs: 'dateMs' in result ? result.dateMs : null }
    } finally {
      await account.close?.()
    }
  } catch (error) {
    const hint =
      error instanceof Error && 'hint' in error ? String(error.hint) : credentialHints[upstream.platform]
    const reason = getReason(error)
    const text = reason === 'credential chain' ? 'no credential is configured for it' : reason
    return withoutDate(fail('Upstreams', name, [text, hint]))
  }
}

function describePlace(upstream: CloudUpstream): string {
  switch (upstream.platform) {
    case 'bedrock':
      return `Amazon Bedrock in ${upstream.region}`
    case 'vertex':
      return `Vertex AI in ${upstream.location}`
    case 'foundry':
      return `Microsoft Foundry, ${upstream.resource ?? upstream.base_url ?? ''}`
  }
}

interface Subject {
  readonly name: string
  readonly where: string
  readonly platform: CloudUpstream['platform']
}

function describeProbe(result: UpstreamProbe, { name, where, platform }: Subject): Finding {
  switch (result.kind) {
    case 'no_model':
      return warn('Upstreams', name, [
        `${where} offers no model of the catalog whose tokens it counts, so it was not checked`,
        'Check its region, or name its models in models.',
      ])
    case 'counted':
      return ok('Upstreams', name, `${where} counts tokens for ${result.modelName} (${result.tookMs} ms)`)
    case 'failed':
      return fail('Upstreams', name, [
        result.message,
        result.because === 'no_credential' ? credentialHints[platform] : getNextStep(result.code),
      ])
    case 'error':
      return describeError(result, { name, where, platform })
  }
}

/** The host of a cloud may follow from its region. */
function getNextStep(code: string): string {
  const reason = classifyProbeError(code)
  return reason === 'no_name' || reason === 'other'
    ? 'Check base_url, region and the network.'
    : nextSteps[reason]
}

function describeError(
  { status, message, modelName }: Extract<UpstreamProbe, { kind: 'error' }>,
  { name, where, platform }: Subject,
): Finding {
  const text = `${where} answered ${status}: ${message}`
  if (clockTexts.test(message))
    return fail('Upstreams', name, [
      text,
      'Set the clock of this machine: signatures are valid for five minutes.',
    ])
  if (status === 401 || status === 403) return fail('Upstreams', name, [text, credentialHints[platform]])
  if (countTexts.test(message))
    return ok(
      'Upstreams',
      name,
      `${where} accepts its credential, and does not count tokens for ${modelName}`,
    )
  if (status === 429 || status >= 500) return warn('Upstreams', name, [text, 'Try again later.'])
  return warn('Upstreams', name, [
    `${text} (for ${modelName})`,
    'Its credential was accepted. Enable the model for the account, or give its name there in models.',
  ])
}

/** The errors of AWS for a signature of another time ("Troubleshoot Signature Version 4", IAM User Guide). */
const clockTexts = /signature (?:expired|not yet current)|request timestamp/i

/** Bedrock counts tokens for some models only, and not for every name of them. It says so after it has checked the caller. */
const countTexts = /support counting tokens/i

const credentialHints: Readonly<Record<CloudUpstream['platform'], string>> = {
  bedrock:
    'Set access_key_id and secret_access_key, bearer_token or profile_name for it, or the environment of AWS, and allow bedrock:InvokeModel and bedrock:CountTokens.',
  vertex:
    'Set credentials_file or access_token for it, or the application default credentials of Google, with the role Vertex AI User.',
  foundry: 'Set api_key for it, or sign in to Azure with a role of the resource.',
}
