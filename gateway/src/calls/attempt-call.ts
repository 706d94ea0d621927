import { type Edit, type Receiver, type UpstreamHandle, applySplices, spliceInPieces } from '@anthology/wire'

import type { Call } from './call.ts'
import type { Context } from '../context.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallStart } from '../ledger/call-row.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { RatePermit } from '../rates/rates.ts'
import type { Leg, LegEnd } from './attempt.ts'
import { relay } from './relay.ts'
import type { Place } from '../rates/queue.ts'
import { type Settled, settle } from './settle.ts'

/** Where a call's answer goes, and what it holds of its key's limits. */
interface Answering {
  readonly response: ClientResponse
  readonly permit: RatePermit
}

/** The only loop over upstreams: one leg after another until one is final, then settle. */
export async function attemptCall(
  context: Context,
  call: Call,
  plan: Plan,
  answering: Answering,
): Promise<Settled> {
  if (!plan.ok) throw new Refusal('unknown_model', plan.because)
  if (call.billable && !context.ledger.healthy) {
    throw new Refusal(
      'ledger_unavailable',
      'the ledger cannot be written at the moment, so no call is paid for',
    )
  }
  const [first] = plan.attempts
  if (first === undefined)
    throw new Refusal('unknown_model', `no configured upstream offers ${call.model.id}`)
  const enter = ({ account }: PlannedAttempt) =>
    context.callLimits.enter(account.name, call, answering.response)
  let attempt = first
  let place = await enter(first)
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    const { leg, start, end } = await tryOnce(context, call, { ...answering, attempt, attemptNumber, place })
    const next = classify(end) === 'try_next' ? plan.attempts[attemptNumber] : undefined
    const nextPlace = next === undefined ? null : await unlessRefused(() => enter(next))
    context.telemetry.attempted(leg, end, nextPlace !== null)
    if (next === undefined || nextPlace === null) return settle(context, leg, start, end)
    attempt = next
    place = nextPlace
  }
}

interface Try extends Answering {
  readonly attempt: PlannedAttempt
  readonly attemptNumber: number
  readonly place: Place
}

async function tryOnce(
  context: Context,
  call: Call,
  { attempt, attemptNumber, response, permit, place }: Try,
): Promise<{ leg: Leg; start: CallStart; end: LegEnd }> {
  try {
    const start = describeStart(call, attempt)
    const span = call.trace?.attempt(call, attempt, attemptNumber)
    const send = (receiver: Receiver) => {
      permit.start()
      return ask(call, attempt, span?.headers, receiver)
    }
    const begun = call.billable ? context.ledger.write({ start, end: null }) : Promise.resolve()
    // Whoever waits for `begun` handles its failure; nobody has to wait for it.
    begun.catch(() => {})
    const { limits, nowMs, telemetry } = context
    const begin = () => context.ledger.urge(call.id) ?? begun
    const leg = { call, attempt, attemptNumber, send, response, limits, nowMs, telemetry, permit, begin }
    const end = await relay(leg)
    span?.end(end)
    return { leg, start, end }
  } finally {
    place.leave()
  }
}

/** A call that has been tried has a row, so it ends as its last attempt did where no other can begin. */
async function unlessRefused(enter: () => Place | Promise<Place>): Promise<Place | null> {
  try {
    return await enter()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/**
 * The one place where a failure is judged: may another upstream be asked, or is this the answer? Only where nothing can
 * have been billed: an upstream that took the request may have answered it, and the call has one row for one answer.
 */
export function classify({ finish }: LegEnd): 'final' | 'try_next' {
  return finish.kind === 'refusal' && unpaid.has(finish.code) ? 'try_next' : 'final'
}

const unpaid: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['upstream_unreachable', 'upstream_redirects'])

/** Sends the client's bytes, with the splices of its door and the model's name on this platform; `more` tells the upstream of a trace. */
function ask(
  call: Call,
  attempt: PlannedAttempt,
  more: Readonly<Record<string, string>> | undefined,
  receiver: Receiver,
): UpstreamHandle {
  const { upstream } = attempt.account
  const edits = [...call.edits, ...modelEdits(call, attempt)]
  const headers = more === undefined ? call.headers : { ...call.headers, ...more }
  const request = { method: 'POST', path: call.path, headers } as const
  if (edits.length === 0) return upstream.send({ ...request, body: call.body }, receiver)
  if (call.body.length < largeBodyBytes || upstream.upload === undefined) {
    const body = applySplices(call.body, call.index, edits, allocate)
    return upstream.send({ ...request, body }, receiver)
  }
  return upstream.upload({ ...request, body: spliceInPieces(call.body, call.index, edits) }, receiver)
}

/** From here on a copy costs more than sending in pieces does: memory of that size is fresh each time, and fills the collector's measure. */
const largeBodyBytes = 64 * 1024

const allocate = (bytes: number): Buffer => Buffer.allocUnsafe(bytes)

function modelEdits(call: Call, { modelName }: PlannedAttempt): readonly Edit[] {
  const edit = { splice: 'model', member: 'model', value: modelName } as const
  // A cloud's door takes the model from the path.
  if (call.index.get('model') === undefined) return [{ ...edit, kind: 'add' }]
  return call.requestedModel === modelName ? [] : [{ ...edit, kind: 'replace' }]
}

function describeStart(call: Call, attempt: PlannedAttempt): CallStart {
  return {
    id: call.id,
    started_at_ms: call.startedAtMs,
    door: call.door.name,
    key_id: call.key.id,
    requested_model: call.requestedModel,
    model: call.model.id,
    upstream: attempt.account.name,
    platform: attempt.account.platform,
    streamed: call.stream,
    session_id: call.clientIds.session,
    agent_id: call.clientIds.agent,
    parent_agent_id: call.clientIds.parentAgent,
  }
}
