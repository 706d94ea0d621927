import { getLifecycle, models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { isRecord, parseError, parseJson } from '@anthology/wire'
import type { Receiver } from '@anthology/wire'

import { createBuiltInKey } from '../auth/key-ring.ts'
import { createRequestId } from '../http/request-id.ts'
import { defaultLimits } from '../limits.ts'
import { createRedactor } from '../log.ts'
import { countTokensProtocol } from '../protocols/messages.ts'
import { classifyFailure } from '../routing/failure.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import { anthropicAdapter } from '../upstreams/anthropic.ts'
import { nameAt } from '../upstreams/model-name.ts'
import { sendToUpstream } from './attempt-call.ts'
import type { Call } from './call.ts'
import { createOfflineContext } from './offline-context.ts'
import { prepareCall } from './prepare-call.ts'

/** The result of a free request to an upstream. Messages are safe to show. */
export type UpstreamProbe =
  /** It offers no model of the catalog whose tokens it counts. */
  | { readonly kind: 'no_model' }
  | {
      readonly kind: 'counted'
      readonly modelName: string
      readonly tookMs: number
      readonly dateMs: number | null
    }
  /** It answered with an error. */
  | {
      readonly kind: 'error'
      readonly modelName: string
      readonly status: number
      readonly message: string
      readonly dateMs: number | null
    }
  /** It did not answer, or its credential could not be obtained. `code`: of the error, such as `ECONNREFUSED`, or empty. */
  | {
      readonly kind: 'failed'
      readonly because: 'no_answer' | 'no_credential'
      readonly code: string
      readonly message: string
    }

/**
 * Asks an upstream to count the tokens of a word: a request that no platform bills, in the platform's form and with the
 * account's credential.
 */
export async function probeUpstream(account: UpstreamAccount, timeoutMs: number): Promise<UpstreamProbe> {
  const prepared = await prepareCount(account)
  if (prepared === null) return { kind: 'no_model' }
  const { call, planned } = prepared
  const { modelName } = planned
  const redact = createRedactor(account.secrets)
  const startedAtMs = performance.now()
  const answer = await collectAnswer(account, timeoutMs, (receiver) =>
    sendToUpstream(call, planned, { traceHeaders: undefined, isRepeat: false }, receiver),
  )
  if (!answer.ok) return { kind: 'failed', ...describeFailure(answer.error, account.name, redact) }
  const { status, dateMs, bytes } = answer
  const value = parseJson(bytes.toString())
  if (status === 200 && isRecord(value) && typeof value['input_tokens'] === 'number')
    return { kind: 'counted', modelName, tookMs: Math.round(performance.now() - startedAtMs), dateMs }
  const { message } = parseError(bytes)
  return { kind: 'error', modelName, status, message: redact(message).slice(0, maxMessageLength), dateMs }
}

/** Prepares the count of a word with the first model whose tokens the upstream counts; null: there is none. */
async function prepareCount(
  account: UpstreamAccount,
): Promise<{ readonly call: Call; readonly planned: PlannedAttempt } | null> {
  const context = createOfflineContext({
    accounts: [account],
    validateRequests: false,
    limits: defaultLimits,
  })
  for (const { id: model } of listModels(account)) {
    const { call, plan } = await prepareCall(context, {
      id: createRequestId(),
      protocol: countTokensProtocol,
      key: createBuiltInKey('probe', 'probe'),
      request: { url: '/v1/messages/count_tokens', headers: { 'anthropic-version': '2023-06-01' } },
      body: Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })),
      startedAtMs: Date.now(),
      trace: null,
    })
    const planned = plan.attempts.find(({ because }) => because !== 'estimate')
    if (planned !== undefined) return { call, planned }
  }
  return null
}

/** The models that an upstream offers: those with a name of their own there, then the active ones, the newest first. */
function listModels(account: UpstreamAccount): readonly Model[] {
  const offered = models.filter((model) => nameAt(model, account) !== null)
  const own = offered.filter(({ id }) => account.models?.has(id))
  const isActive = (model: Model): boolean => getLifecycle(model, account.platform).status === 'active'
  const released = (model: Model): string => model.lifecycle.anthropic.released ?? ''
  const newestFirst = offered.toSorted((one, other) => released(other).localeCompare(released(one)))
  return [...own, ...newestFirst.filter(isActive), ...newestFirst]
}

type CollectedAnswer =
  | { readonly ok: true; readonly status: number; readonly dateMs: number | null; readonly bytes: Buffer }
  | { readonly ok: false; readonly error: Error }

function collectAnswer(
  { adapter = anthropicAdapter }: UpstreamAccount,
  timeoutMs: number,
  send: (receiver: Receiver) => { abort(): void },
): Promise<CollectedAnswer> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let size = 0
    let head = { status: 0, dateMs: null as number | null }
    const finish = (answer: CollectedAnswer): void => {
      clearTimeout(timer)
      resolve(answer)
    }
    const timer = setTimeout(() => {
      handle?.abort()
      finish({ ok: false, error: new Error(`no answer within ${timeoutMs / 1_000} seconds`) })
    }, timeoutMs)
    const inner: Receiver = {
      head: (status, { date = '' }) => {
        const dateMs = Date.parse(date)
        head = { status, dateMs: Number.isNaN(dateMs) ? null : dateMs }
      },
      chunk: (bytes) => {
        size += bytes.length
        if (size <= maxAnswerBytes) chunks.push(bytes)
        return true
      },
      end: () => finish({ ok: true, ...head, bytes: Buffer.concat(chunks) }),
      fail: (error) => finish({ ok: false, error }),
    }
    let handle: { abort(): void } | null = null
    try {
      handle = send(adapter.createReceiver(inner, { countsTokens: true, stream: false }))
    } catch (error) {
      finish({ ok: false, error: error instanceof Error ? error : new Error(String(error)) })
    }
  })
}

/** An error with this code says which sources of a credential were tried. */
const noCredential = 'CREDENTIAL_UNAVAILABLE'

function describeFailure(
  error: Error,
  upstream: string,
  redact: (text: string) => string,
): Omit<Extract<UpstreamProbe, { kind: 'failed' }>, 'kind'> {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === noCredential) return { because: 'no_credential', code, message: redact(error.message) }
  const { message } = classifyFailure(error, upstream, false)
  const detail = error.message === '' ? '' : `: ${error.message}`
  return { because: 'no_answer', code, message: redact(`${message}${detail}`).slice(0, maxMessageLength) }
}

const maxAnswerBytes = 64 * 1024
const maxMessageLength = 300
