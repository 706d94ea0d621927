import { applySplices, spliceInPieces } from '@anthology/wire'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { CallMoney } from './call-money.ts'
import type { Call } from './call.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallStart } from '../ledger/call-row.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { RatePermit } from '../rates/rates.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import { relay } from './relay.ts'
import { anthropicAdapter } from '../upstreams/anthropic.ts'
import { combinePatches } from '../upstreams/adapter.ts'
import type { OutgoingCall } from '../upstreams/adapter.ts'
import { selectBetas } from '../upstreams/beta-policy.ts'
import { removeMembers } from '../upstreams/member-policy.ts'
import type { QueueSlot } from '../rates/queue.ts'
import { createAttemptEnd, createAttemptStart } from './records.ts'
import { AttemptSequence } from './attempt-sequence.ts'
import type { Turn } from './attempt-sequence.ts'
import { noteAttempt } from './note-attempt.ts'
import { priceAttempt, recordBilledAttempt, settle } from './settle.ts'
import { toPlanError } from './validate.ts'
import type { Settled } from './settle.ts'

/** The client's response, and what is reserved for the call: in its key's rate limits, and on its budgets. */
interface ResponseTarget {
  readonly response: ClientResponse
  readonly permit: RatePermit
  readonly money: CallMoney
}

/** The only loop over upstreams: runs attempts until one is final, then settles it. */
export async function attemptCall(
  context: Context,
  call: Call,
  plan: Plan,
  target: ResponseTarget,
): Promise<Settled> {
  if (call.billable && !context.ledger.healthy) {
    throw new ApiError('ledger_unavailable', 'the ledger is not writable, so new requests are rejected')
  }
  const sequence = new AttemptSequence(plan, call, context.retries)
  if (sequence.first === null) throw toPlanError(plan)
  const enter = ({ planned }: Turn) => context.callLimits.enter(planned.account.name, call, target.response)
  const noticesBefore = call.notices.length
  let turn = sequence.first
  let slot = await enter(turn)
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    call.notices.push(...turn.notices)
    const { attempt, start, end } = await runAttempt(context, {
      ...target,
      turn,
      conversation: plan.conversation,
      canMove: sequence.canMove,
      attemptNumber,
      slot,
    })
    const next = sequence.next(turn, end)
    const mayMove = next !== null && (await target.money.refill(priceAttempt(context, attempt, end)))
    const nextSlot = mayMove ? await unlessRejected(() => enter(next)) : null
    if (next === null || nextSlot === null) return settle(context, attempt, start, end)
    attempt.report(end, next.planned.account.name)
    noteAttempt(context, attempt, end)
    recordBilledAttempt(context, attempt, start, end)
    // What was told about the place of a failed attempt is not true of the next one.
    call.notices.length = noticesBefore
    turn = next
    slot = nextSlot
  }
}

interface AttemptOptions extends ResponseTarget {
  readonly turn: Turn
  readonly conversation: string
  readonly canMove: boolean
  readonly attemptNumber: number
  readonly slot: QueueSlot
}

async function runAttempt(
  context: Context,
  { turn, conversation, canMove, attemptNumber, response, permit, money, slot }: AttemptOptions,
): Promise<{ attempt: Attempt; start: CallStart; end: AttemptResult }> {
  const { planned, call, isRepeat } = turn
  try {
    const start = describeStart(context, { call, planned, money })
    const span = call.trace?.attempt(createAttemptStart(call, planned, attemptNumber))
    const send = (receiver: Receiver) => {
      permit.start()
      if (planned.because !== 'estimate') context.health.begin(planned.account.name, planned.model.id)
      return sendToUpstream(call, planned, { traceHeaders: span?.headers, isRepeat }, receiver)
    }
    const begun = call.billable ? context.ledger.write({ start, end: null }) : Promise.resolve()
    // Awaiting `begun` is optional, so an unawaited rejection must not crash the process.
    begun.catch(() => {})
    money.onExtended = (held) => {
      // A crash must not make the call cheaper than it is now.
      context.ledger.write({ start: { ...start, hold_nano_usd: held }, end: null }).catch(() => {})
    }
    const { abandonedReads, limits, nowMs, pingAfterMs, telemetry } = context
    const flushStart = () => context.ledger.flushStart(call.id) ?? begun
    const report = (result: AttemptResult, next: string | null) => {
      const ended = createAttemptEnd(result)
      span?.end(ended)
      telemetry.countAttempt(planned.account.name, ended, next)
    }
    const watchKey = (cut: () => void) => context.ring.watch(call.key.id, cut)
    const attempt = {
      call,
      planned,
      conversation,
      canMove,
      attemptNumber,
      send,
      response,
      limits,
      pingAfterMs,
      nowMs,
      startedAtMs: nowMs(),
      telemetry,
      abandonedReads,
      permit,
      money,
      report,
      flushStart,
      watchKey,
    }
    return { attempt, start, end: await relay(attempt) }
  } finally {
    slot.leave()
  }
}

/** Null if the queue rejects the next attempt. The call already has a row, so it ends with the result of its last attempt. */
async function unlessRejected(enter: () => QueueSlot | Promise<QueueSlot>): Promise<QueueSlot | null> {
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
  const removed = removeMembers(index.members, model, account.platform)
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
