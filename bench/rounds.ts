import { makeCalls, messagesRequest, runClosedLoad } from './closed-load.ts'
import type { ClosedResult } from './closed-load.ts'
import type { LoadRequest } from './load-request.ts'
import { protocolNames, findEnd, requestAt } from './protocols.ts'
import { percentile } from './figures.ts'
import { askOverHttp2 } from './http2-load.ts'
import { runInTurn } from './in-turn.ts'
import { runOpenLoad } from './open-load.ts'
import type { Seen } from './open-load.ts'
import type { Plan } from './options.ts'
import type { Samples } from './samples.ts'
import type { Target } from './targets.ts'
import { protocolKinds, eventsPerStream, gatewayKinds, kinds, standInKinds } from './traffic.ts'
import type { Kind } from './traffic.ts'

export interface Field {
  readonly stub: Target
  /** The proxies between a client and the stub. */
  readonly gateways: readonly Target[]
  /** The servers that produce their own responses. */
  readonly standIns: readonly Target[]
  /** Anthology with several workers. */
  readonly workers: Target | null
  /** The Anthology whose protocols are compared. */
  readonly protocols: Target | null
}

export type Progress = (text: string) => void

/** Runs every load on every server once. */
export async function runRound(
  round: number,
  field: Field,
  { plan, samples, progress }: { plan: Plan; samples: Samples; progress: Progress },
): Promise<void> {
  const { stub, standIns, workers, protocols } = field
  // Each round starts with a different server, so that none always runs after the same one.
  const gateways = rotate(field.gateways, round)
  const closed = async (kind: Kind, target: Target) => {
    progress(`full load, ${kind}: ${target.name}`)
    const result = await runClosedLoad(target, messagesRequest(target, kind), plan.windowMs)
    const plain = samples.latest('full load, plain', target.name, 'cpuMicroseconds')
    const more = kind === 'stream' ? { eventMicroseconds: perEvent(result, plain) } : {}
    samples.add({ round, test: `full load, ${kind}`, target: target.name }, { ...result, ...more })
  }
  if (round === 0) for (const target of gateways) await warmUp(target, gatewayKinds, progress)
  if (gateways.length > 0) {
    for (const kind of gatewayKinds) {
      for (const target of [...gateways, stub]) await closed(kind, target)
      // Right after the single worker, with which they are compared.
      if (workers !== null) await closed(kind, workers)
    }
    for (const kind of ['plain', 'stream'] as const) {
      for (const target of [stub, ...gateways]) {
        progress(`half load, ${kind}: ${target.name}`)
        const callsPerSecond = getHalf(samples, kind, [target, ...gateways])
        const calls = Math.ceil((callsPerSecond * plan.windowMs) / 1_000)
        const seen = await runOpenLoad(target, { traffic: kinds[kind], callsPerSecond, calls })
        samples.add(
          { round, test: `half load, ${kind}`, target: target.name },
          describeOpen(seen, callsPerSecond),
        )
      }
    }
    for (const target of [stub, ...gateways]) {
      progress(`${streamStartsPerSecond} stream starts a second: ${target.name}`)
      const calls = Math.ceil((streamStartsPerSecond * plan.windowMs) / 1_000)
      const load = { traffic: kinds.stream, callsPerSecond: streamStartsPerSecond, calls }
      const seen = await runOpenLoad(target, load)
      samples.add(
        { round, test: 'stream starts', target: target.name },
        describeOpen(seen, streamStartsPerSecond),
      )
    }
    await compareFailover(gateways, { round, plan, samples, progress })
    for (const target of [stub, ...gateways]) {
      progress(`${plan.pacedStreams} paced streams: ${target.name}`)
      samples.add({ round, test: 'paced streams', target: target.name }, await runPaced(target, plan))
    }
  }
  if (round === 0) for (const target of standIns) await warmUp(target, ['plain', 'plain, distinct'], progress)
  for (const target of rotate(standIns, round)) {
    for (const kind of standInKinds) await closed(kind, target)
    progress(`${plan.pacedStreams} streams at once: ${target.name}`)
    const load = { traffic: kinds.stream, callsPerSecond: 100 * plan.pacedStreams, calls: plan.pacedStreams }
    const seen = await runOpenLoad(target, load)
    samples.add({ round, test: 'burst of streams', target: target.name }, { cleanEnds: countClean(seen) })
  }
  if (protocols !== null) await runProtocols(protocols, { round, plan, samples, progress })
}

/** The time that a refused connection adds is too short to see in separate runs on a busy machine. */
async function compareFailover(
  gateways: readonly Target[],
  { round, plan, samples, progress }: { round: number; plan: Plan; samples: Samples; progress: Progress },
): Promise<void> {
  const pair = gateways.filter(({ name }) => name === 'anthology' || name === 'failover')
  if (pair.length < 2) return
  progress('in turn, plain: anthology and failover')
  const results = await runInTurn(pair, { traffic: kinds.plain, calls: plan.turns })
  for (const [index, result] of results.entries()) {
    const target = pair[index]?.name
    if (target !== undefined) samples.add({ round, test: 'in turn, plain', target }, result)
  }
}

const streamStartsPerSecond = 250

/** Each measurement takes only seconds, so warm up first: it should measure optimized code. */
async function warmUp(target: Target, warmed: readonly Kind[], progress: Progress): Promise<void> {
  for (const kind of warmed) {
    progress(`warm-up, ${kind}: ${target.name}`)
    await makeCalls(messagesRequest(target, kind), warmUpCalls[kind])
  }
}

/** Runs every protocol of one server under full load. */
async function runProtocols(
  server: Target,
  { round, plan, samples, progress }: { round: number; plan: Plan; samples: Samples; progress: Progress },
): Promise<void> {
  for (const kind of protocolKinds) {
    for (const protocol of rotate(protocolNames, round)) {
      progress(`protocols, ${kind}: ${protocol}`)
      const result = await runClosedLoad(server, requestAt(protocol, server, kind), plan.windowMs)
      const plainMicroseconds = samples.latest('protocols, plain', protocol, 'cpuMicroseconds')
      const more = kind === 'stream' && { eventMicroseconds: perEvent(result, plainMicroseconds) }
      samples.add({ round, test: `protocols, ${kind}`, target: protocol }, { ...result, ...more })
    }
  }
}

/** The extra cost of a stream over a plain call of the same round, per event. */
function perEvent({ cpuMicroseconds }: ClosedResult, plainMicroseconds = Number.NaN): number {
  return (cpuMicroseconds - plainMicroseconds) / eventsPerStream
}

/**
 * Like `requireAnswers`, for every protocol; then warms them all up, so that the first measured one has no
 * cold code.
 */
export async function requireProtocols(server: Target): Promise<void> {
  for (const protocol of protocolNames) {
    for (const kind of protocolKinds) {
      const request = requestAt(protocol, server, kind)
      const answer = await (request.overHttp2 ? askOverHttp2(request) : askOverHttp1(request))
      if (answer?.includes(findEnd(protocol, kind)) !== true)
        throw new Error(
          `the protocol '${protocol}' does not answer a call (${kind}) with a complete 200 response`,
        )
      await makeCalls(request, warmUpCalls[kind])
    }
  }
}

/** V8 has compiled the code of a server after as many calls. */
const warmUpCalls: Readonly<Record<Kind, number>> = {
  plain: 30_000,
  'plain, distinct': 30_000,
  'plain, 800 KB': 1_000,
  stream: 6_000,
  'stream, 800 KB': 1_000,
}

async function askOverHttp1({ url, path, headers, body }: LoadRequest): Promise<string | null> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body })
  const bytes = await response.arrayBuffer()
  return response.status === 200 ? Buffer.from(bytes).toString('latin1') : null
}

/** A server with wrong responses is not measured: its results would only show how fast it fails. */
export async function requireAnswers(target: Target): Promise<void> {
  for (const kind of ['plain', 'stream'] as const) {
    const [seen] = await runOpenLoad(target, { traffic: kinds[kind], callsPerSecond: 1, calls: 1 })
    if (seen?.clean !== true)
      throw new Error(`${target.name} does not answer a call (${kind}) with a complete 200 response`)
  }
}

/** The streams start within a second, and run concurrently for four. */
async function runPaced(target: Target, { pacedStreams, pacedGapMs }: Plan) {
  const traffic = { ...kinds.stream, pacedGapMs }
  const seen = await runOpenLoad(target, { traffic, callsPerSecond: pacedStreams, calls: pacedStreams })
  const lags = ascending(seen.flatMap(({ lagsMs }) => lagsMs))
  const firstBytes = ascending(seen.map(({ firstByteMs }) => firstByteMs))
  return {
    cleanEnds: countClean(seen),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    firstByteP99Ms: percentile(firstBytes, 0.99),
  }
}

/**
 * Half of Anthology's rate in this round, the same for all servers; half of its own rate for a slower
 * server, which flatters that server.
 */
function getHalf(samples: Samples, kind: Kind, [target, ...gateways]: readonly Target[]): number {
  const computeRate = (one: Target | undefined) =>
    (one && samples.latest(`full load, ${kind}`, one.name, 'callsPerSecond')) ?? Infinity
  const reference = gateways.find(({ name }) => name === 'anthology') ?? gateways[0]
  return Math.max(1, Math.round(Math.min(computeRate(reference), computeRate(target)) / 2))
}

/** The first fifth, in which connections are opened, is not counted. */
function describeOpen(seen: readonly Seen[], callsPerSecond: number) {
  const counted = seen.slice(Math.floor(seen.length / 5))
  const totals = ascending(counted.map(({ totalMs }) => totalMs))
  const firstBytes = ascending(counted.map(({ firstByteMs }) => firstByteMs))
  const firstTokens = ascending(counted.map(({ firstTokenMs }) => firstTokenMs))
  const bodies = ascending(counted.map(({ totalMs, firstByteMs }) => totalMs - firstByteMs))
  return {
    callsPerSecond,
    failures: seen.length - countClean(seen),
    p50Ms: percentile(totals, 0.5),
    p99Ms: percentile(totals, 0.99),
    firstByteP50Ms: percentile(firstBytes, 0.5),
    firstByteP99Ms: percentile(firstBytes, 0.99),
    firstTokenP50Ms: percentile(firstTokens, 0.5),
    gapMicroseconds: (percentile(bodies, 0.5) * 1_000) / eventsPerStream,
  }
}

function countClean(seen: readonly Seen[]): number {
  return seen.filter(({ clean }) => clean).length
}

function ascending(values: readonly number[]): number[] {
  return values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b)
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
