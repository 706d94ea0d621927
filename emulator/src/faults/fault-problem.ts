import type { Fault } from '../scenario/scenario.ts'

/** A member that contradicts another one, and the reason. */
export interface FaultProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** Finds members that contradict each other, or that no member of the fault uses; the schema cannot describe these. */
export function findFaultProblem(fault: Fault): FaultProblem | null {
  for (const problem of listProblems(fault)) return problem
  return null
}

type Name = keyof Fault

function* listProblems(fault: Fault): Generator<FaultProblem> {
  const names = listNames(fault)
  const has = (name: Name): boolean => names.includes(name)
  const [status, otherStatus] = statusNames.filter(has)
  const [ending, otherEnding] = endingNames.filter(has)
  if (status !== undefined && otherStatus !== undefined && !isSameStatus(fault, status, otherStatus))
    yield contradict(otherStatus, status)
  if (ending !== undefined && otherEnding !== undefined) yield contradict(otherEnding, ending)
  if (status !== undefined) {
    const streamed = streamNames.find(has)
    if (streamed !== undefined)
      yield { path: [streamed], message: `needs a normal answer, and ${status} answers with an error` }
    if (fault.reset === true)
      yield { path: ['reset'], message: `true sends no answer, and ${status} needs one` }
  }
  yield* listUnusedMembers(fault, has)
  yield* listPlaceProblems(fault)
}

/** The members that decide the status. */
const statusNames = ['status', 'overloaded', 'rate_limit'] as const satisfies readonly Name[]
/** The members of which each decides how the answer ends, or what is wrong in it. */
const endingNames = [
  'stall',
  'cut',
  'reset',
  'missing',
  'malformed',
  'error_event',
] as const satisfies readonly Name[]
/** The members that need the answer of the endpoint itself. */
const streamNames = [
  'error_event',
  'missing',
  'between_events_ms',
  'wrong_usage',
] as const satisfies readonly Name[]

function listNames(fault: Fault): readonly Name[] {
  // The schema allows only the members of a fault.
  return (Object.keys(fault) as Name[]).filter((name) => fault[name] !== undefined)
}

/** `overloaded` and `rate_limit` may stand beside the status that they mean. */
function isSameStatus({ status }: Fault, first: Name, second: Name): boolean {
  return first === 'status' && status === (second === 'overloaded' ? 529 : 429)
}

function contradict(name: Name, other: Name): FaultProblem {
  return { path: [name], message: `contradicts ${other}; give one of them` }
}

function* listUnusedMembers(fault: Fault, has: (name: Name) => boolean): Generator<FaultProblem> {
  const isError = [...statusNames, 'error_event' as const].some(has)
  if (has('error') && !isError)
    yield { path: ['error'], message: 'needs status, overloaded, rate_limit or error_event' }
  if (has('retry_after') && !isError)
    yield { path: ['retry_after'], message: 'needs status, overloaded, rate_limit or error_event' }
  if (typeof fault.error === 'object' && fault.error.type !== undefined && has('error_event'))
    yield { path: ['error', 'type'], message: 'error_event is the type' }
  if (!has('after_events')) return
  if (has('cut') || has('reset'))
    yield { path: ['after_events'], message: 'stands inside cut or reset: cut: { after_events: 3 }' }
  if (!has('stall') && !has('malformed') && !has('error_event'))
    yield { path: ['after_events'], message: 'needs stall, malformed or error_event' }
}

function* listPlaceProblems(fault: Fault): Generator<FaultProblem> {
  for (const name of ['cut', 'reset'] as const) {
    const place: unknown = fault[name]
    if (place === false) yield { path: [name], message: 'must be true, or the place' }
    if (typeof place === 'object' && place !== null && 'after_events' in place && 'after_bytes' in place)
      yield { path: [name, 'after_bytes'], message: 'contradicts after_events; give one of them' }
  }
  const usage: unknown = fault.wrong_usage
  if (usage === false) yield { path: ['wrong_usage'], message: 'must be true, or the figures' }
  const refused = Object.keys(fault.headers ?? {}).find((name) => transportHeaders.has(name.toLowerCase()))
  if (refused !== undefined)
    yield { path: ['headers', refused], message: 'is set by the server; use cut to break a body' }
}

/** Headers that frame the body or belong to the connection: HTTP/2 has none of the latter. */
const transportHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
