import type { UsageFields } from '@anthology/wire'

import type { CallEnd } from '../ledger/call-row.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import type { AttemptEnd, AttemptStart, CallRecord, Operation } from '../telemetry/call-record.ts'
import type { AttemptResult } from './attempt.ts'
import { readMaxTokens } from './call.ts'
import type { Call } from './call.ts'

// Plain records of a call and its attempts, for telemetry and the ledger.

export function getOperation({ billable }: Call): Operation {
  return billable ? 'chat' : 'count_tokens'
}

export function createCallRecord(
  call: Call,
  upstream: string,
  { row, usage }: { readonly row: CallEnd; readonly usage: UsageFields | null },
): CallRecord {
  return {
    operation: getOperation(call),
    requestedModel: call.requestedModel,
    model: call.model.id,
    maxTokens: readMaxTokens(call),
    streamed: call.stream,
    sessionId: call.clientIds.session,
    keyId: call.key.id,
    upstream,
    row,
    usage,
  }
}

export function createAttemptStart(
  call: Call,
  { account, modelName }: PlannedAttempt,
  number: number,
): AttemptStart {
  return {
    callId: call.id,
    operation: getOperation(call),
    upstream: account.name,
    platform: account.platform,
    modelName,
    baseUrl: account.baseUrl ?? null,
    number,
  }
}

export function createAttemptEnd({
  outcome,
  status,
  reading,
  firstByteMs,
  finish,
}: AttemptResult): AttemptEnd {
  return {
    outcome,
    // Without a response from the upstream, the status is our own.
    status: firstByteMs === null ? null : status,
    errorType: reading.errorType,
    errorCode: finish.kind === 'api_error' ? finish.failure.error : null,
  }
}

/** The kind of a failure or of an error answer, else the outcome. */
export function nameResult({ finish, outcome }: AttemptResult): string {
  if (finish.kind === 'api_error') return finish.failure.kind
  return finish.kind === 'complete' && finish.error !== null ? finish.error : outcome
}
