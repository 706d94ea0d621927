import { applySplices, spliceInPieces } from '@anthology/wire'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { BodyCapture } from '../bodies/body-capture.ts'
import type { CallMoney } from './call-money.ts'
import { CallNotes } from './call-notes.ts'
import type { Call } from './call.ts'
import { createClockFrom } from '../clock.ts'
import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import { describeUpstreamHeaders } from '../http/headers.ts'
import type { CallStart } from '../ledger/call-row.ts'
import type { Limits } from '../limits.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { RatePermit } from '../rates/rates.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import { findQuota } from './find-quota.ts'
import { relay } from './relay.ts'
import { reserveQuota } from './reserve-quota.ts'
import { anthropicAdapter } from '../upstreams/anthropic.ts'
import { combinePatches } from '../upstreams/adapter.ts'
import type { OutgoingCall } from '../upstreams/adapter.ts'
import { selectBetas } from '../upstreams/beta-policy.ts'
import { removeMembers } from '../upstreams/member-policy.ts'
import type { QueueSlot } from '../rates/queue.ts'
import { createAttemptEnd, createAttemptStart, nameResult } from './records.ts'
import { AttemptSequence } from './attempt-sequence.ts'
import type { Turn } from './attempt-sequence.ts'
import { parseUsage } from './meter.ts'
import { describeFailure, noteAttempt } from './note-attempt.ts'
import { tellExcluded, tellRefused } from './refusal-notices.ts'
import { priceAttempt, recordBilledAttempt, settle } from './settle.ts'
import { toPlanError } from './validate.ts'
import type { Settled } from './settle.ts'

/** The client's response, what is reserved for the call in its key's rate limits and on its budgets, and what stores its bodies. */
interface ResponseTarget {
  readonly response: ClientResponse
  readonly permit: RatePermit
  readonly money: CallMoney
  readonly capture: BodyCapture | null
}

/** The only loop over upstreams: runs attempts until one is final, then settles it. */
export async function attemptCall(
  context: Context,
  call: Call,
  plan: Plan,
  target: ResponseTarget,
): Promise<Settled> {
  if (call.billable) requireLedger(context)
  const sequence = new AttemptSequence(plan, call, context.retries)
  if (sequence.first === null) throw toPlanError(plan)
  const enter = (turn: Turn) => enterUpstream(context, sequence, turn, target)
  const notes = new CallNotes(call, plan, context.tagBlocks)
  const noticesBefore = call.notices.length
  const refused: string[] = []
  let entered = await enter(sequence.first)
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    const { turn, start } = entered
    call.notices.push(...turn.notices, ...tellExcluded(context, plan, turn.planned), ...refused)
    const { attempt, end } = await runAttempt(context, {
      ...target,
      ...entered,
      notes,
      plan,
      canMove: sequence.canMove,
      attemptNumber,
    })
    notes.noteAttempt({ upstream: attempt.planned.account.name, result: nameResult(end) })
    const next = sequence.next(turn, end)
    const mayMove = next !== null && (await target.money.refill(priceAttempt(context, attempt, end)))
    const nextEntered = mayMove ? await unlessRejected(() => enter(next)) : null
    if (nextEntered === null) return settle(context, attempt, start, end)
    attempt.report(end, nextEntered.turn.planned.account.name)
    noteAttempt(context, attempt, end)
    logFailedAttempt(context, attempt, end)
    recordBilledAttempt(context, attempt, start, end)
    refused.push(...tellRefused(turn.planned, end))
    // The headers about the place of a failed attempt do not describe the next one.
    call.notices.length = noticesBefore
    entered = nextEntered
  }
}

/** The entry of the call names only its last attempt. */
function logFailedAttempt(
  { log }: Pick<Context, 'log'>,
  { call, planned, attemptNumber }: Attempt,
  end: AttemptResult,
): void {
  log({
    level: 'warn',
    event: 'attempt_failed',
    call: call.id,
    model: planned.model.id,
    upstream: planned.account.name,
    attempt: attemptNumber,
    outcome: end.outcome,
    status: end.status,
    upstream_headers: describeUpstreamHeaders(end.upstreamHeaders),
    because: describeFailure(end),
  })
}

/** The attempt has a place at its upstream, and its start record is in the journal. */
interface PreparedAttempt {
  readonly turn: Turn
  readonly slot: QueueSlot
  readonly start: CallStart
}

/**
 * Prepares an attempt at the first upstream from this turn on that has a place for the call. If none has, throws the
 * error of this turn.
 */
async function enterUpstream(
  context: Context,
  sequence: AttemptSequence,
  first: Turn,
  target: ResponseTarget,
): Promise<PreparedAttempt> {
  let firstError: ApiError | null = null
  for (let turn = first; ;) {
    try {
      return await prepareAttempt(context, turn, target)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'overloaded') throw error
      firstError ??= error
      const next = sequence.skip(turn)
      if (next === null) throw firstError
      context.telemetry.countLimit(error.limit)
      turn = next
    }
  }
}

/** Waits for a place at the upstream, and writes the start record: after a crash nothing that was sent is unknown. */
async function prepareAttempt(
  context: Context,
  turn: Turn,
  { response, money }: ResponseTarget,
): Promise<PreparedAttempt> {
  const { planned, call } = turn
  const slot = await context.callLimits.enter(planned.account.name, call, response)
  const start = describeStart(context, { call, planned, money })
  if (!call.billable) return { turn, slot, start }
  try {
    await context.ledger.write({ start, end: null })
    return { turn, slot, start }
  } catch {
    slot.leave()
    throw createLedgerError('ledgerWaitMs')
  }
}

function requireLedger({ ledger, limits }: Context): void {
  if (ledger.healthy) return
  throw createLedgerError(ledger.lag.bytes < limits.ledgerLagBytes ? null : 'ledgerLagBytes')
}

function createLedgerError(limit: keyof Limits | null): ApiError {
  const message = 'the ledger is not writable, so new requests are rejected'
  return new ApiError('ledger_unavailable', message, errors.ledger_unavailable, { limit })
}

interface AttemptOptions extends ResponseTarget, PreparedAttempt {
  readonly notes: CallNotes
  readonly plan: Plan
  readonly canMove: boolean
  readonly attemptNumber: number
}

async function runAttempt(
  context: Context,
  options: AttemptOptions,
): Promise<{ attempt: Attempt; end: AttemptResult }> {
  const { turn, notes, plan, canMove, attemptNumber, slot, start } = options
  const { response, permit, money, capture } = options
  const { planned, call, isRepeat } = turn
  try {
    const quota = findQuota(call, planned)
    const span = call.trace?.attempt(createAttemptStart(call, planned, attemptNumber))
    const send = (receiver: Receiver) => {
      permit.start()
      if (planned.because !== 'estimate') context.health.begin(planned.account.name, planned.model.id, quota)
      return sendToUpstream(call, planned, { traceHeaders: span?.headers, isRepeat }, receiver)
    }
    money.whenExtended((held) => {
      // A crash must not make the call cheaper than it is now.
      context.ledger.write({ start: { ...start, hold_nano_usd: held }, end: null }).catch(() => {})
    })
    const { abandonedReads, limits, pingAfterMs, telemetry } = context
    // The clock may have been set back since the call began.
    const nowMs = createClockFrom(Math.max(call.startedAtMs, context.nowMs()))
    const report = (result: AttemptResult, next: string | null) => {
      const ended = createAttemptEnd(result)
      span?.end(ended)
      telemetry.countAttempt(planned.account.name, ended, next)
    }
    const watchKey = (cut: () => void) => context.ring.watch(call.key.id, cut)
    const attempt = {
      call,
      planned,
      conversation: plan.conversation,
      usual: plan.usual,
      canMove,
      attemptNumber,
      send,
      response,
      limits,
      pingAfterMs,
      nowMs,
      timeOfDayMs: context.nowMs,
      startedAtMs: nowMs(),
      quota,
      telemetry,
      abandonedReads,
      permit,
      money,
      notes,
      capture,
      report,
      watchKey,
      watchStop: context.runningAttempts.watch,
    }
    const reservation = reserveQuota(context, call, planned)
    const relayed = relay(attempt)
    notes.noteSent()
    const end = await relayed
    reservation?.settle(parseUsage(end.reading), end.outcome)
    return { attempt, end }
  } finally {
    slot.leave()
  }
}

/** Null if no next attempt has a place. The call already has a row, so it ends with the result of its last attempt. */
async function unlessRejected<Entered>(enter: () => Promise<Entered>): Promise<Entered | null> {
  try {
    return await enter()
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

interface SendOptions {
  readonly traceHeaders: Readonly<Record<string, string>> | undefined
  readonly isRepeat: boolean
}

/** Sends the client's bytes with the patches of its protocol and the platform's model name. */
export function sendToUpstream(
  call: Call,
  planned: PlannedAttempt,
  { traceHeaders, isRepeat }: SendOptions,
  receiver: Receiver,
): UpstreamHandle {
  const { upstream, adapter = anthropicAdapter } = planned.account
  const outgoing = describeOutgoing(call, planned)
  const { path, patches, wrap, notices = [], ...prepared } = adapter.createRequest(outgoing)
  call.notices.push(...notices)
  const headers = traceHeaders === undefined ? prepared.headers : { ...prepared.headers, ...traceHeaders }
  const sessionName = call.key.workspaceId
  const request = { method: 'POST', path, headers, onNewConnection: isRepeat, sessionName } as const
  if (wrap !== undefined)
    return upstream.send({ ...request, body: wrap(applySplices(call.body, call.index, patches)) }, receiver)
  if (patches.length === 0) return upstream.send({ ...request, body: call.body }, receiver)
  if (call.body.length < largeBodyBytes || upstream.upload === undefined) {
    const body = applySplices(call.body, call.index, patches, allocate)
    return upstream.send({ ...request, body }, receiver)
  }
  return upstream.upload({ ...request, body: spliceInPieces(call.body, call.index, patches) }, receiver)
}

/** From this size on, a copy costs more than sending in pieces: the memory is newly allocated each time and brings the next garbage collection closer. */
const largeBodyBytes = 64 * 1024

const allocate = (bytes: number): Buffer => Buffer.allocUnsafe(bytes)

function describeOutgoing(call: Call, planned: PlannedAttempt): OutgoingCall {
  const { stream, path, body, index, requestedModel } = call
  const { account, model, modelName } = planned
  const { betas, notices } = selectBetas(call.betas, account.platform, account.betas)
  const removed = removeMembers((name) => index.get(name) !== undefined, model, account.platform)
  call.notices.push(...notices, ...removed.notices)
  return {
    countsTokens: !call.billable,
    stream,
    path,
    headers: betas === call.betas ? call.headers : nameBetas(call.headers, betas),
    betas,
    body,
    index,
    patches: combinePatches(call.patches, removed.patches),
    requestedModel,
    model,
    modelName,
  }
}

/** The header with the upstream's betas; clouds that take them elsewhere leave it out. */
function nameBetas(
  { 'anthropic-beta': _betas, ...headers }: Readonly<Record<string, string>>,
  betas: readonly string[],
): Readonly<Record<string, string>> {
  return betas.length === 0 ? headers : { ...headers, 'anthropic-beta': betas.join(',') }
}

function describeStart(
  { processId }: Pick<Context, 'processId'>,
  {
    call,
    planned,
    money,
  }: { readonly call: Call; readonly planned: PlannedAttempt; readonly money: CallMoney },
): CallStart {
  return {
    id: call.id,
    started_at_ms: call.startedAtMs,
    protocol: call.protocol.name,
    key_id: call.key.id,
    workspace_id: call.key.workspaceId,
    member_id: call.key.memberId,
    labels: call.labels,
    hold_nano_usd: money.heldNanoUsd,
    process_id: processId,
    requested_model: call.requestedModel,
    model: planned.model.id,
    upstream: planned.account.name,
    platform: planned.account.platform,
    streamed: call.stream,
    session_id: call.clientIds.session,
    agent_id: call.clientIds.agent,
    parent_agent_id: call.clientIds.parentAgent,
  }
}
