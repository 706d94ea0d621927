import autocannon from 'autocannon'
import type { Request } from 'autocannon'

import { driveHttp2 } from './http2-load.ts'
import { readCpuMicroseconds } from './meter.ts'
import type { Target } from './targets.ts'
import { createBodies, kinds } from './traffic.ts'
import type { Kind, Traffic } from './traffic.ts'
import type { LoadRequest } from './load-request.ts'

/** The result of closed-loop load: each client sends its next request when the response arrives. */
export interface ClosedResult {
  readonly callsPerSecond: number
  /** CPU time per call, of all processes and threads of the server. */
  readonly cpuMicroseconds: number
  /** Responses other than 200, broken connections and timeouts. */
  readonly failures: number
}

const connections = 16
const warmUpShare = 0.25

/** Full load from 16 connections for `windowMs`, after an uncounted warm-up. */
export async function runClosedLoad(
  target: Target,
  request: LoadRequest,
  windowMs: number,
): Promise<ClosedResult> {
  const drive = (durationMs: number) =>
    request.overHttp2
      ? driveHttp2(request, { atOnce: connections, isOver: after(durationMs) })
      : driveHttp1(request, { duration: durationMs / 1_000 })
  await drive(Math.max(500, windowMs * warmUpShare))
  const [startedAtMs, cpuBefore] = [performance.now(), await readCpuMicroseconds(target.processes)]
  const { calls, failures } = await drive(windowMs)
  const [endedAtMs, cpuAfter] = [performance.now(), await readCpuMicroseconds(target.processes)]
  return {
    callsPerSecond: calls / ((endedAtMs - startedAtMs) / 1_000),
    cpuMicroseconds: calls === 0 ? Number.NaN : (cpuAfter - cpuBefore) / calls,
    failures,
  }
}

/** Makes a number of calls; returns how many failed. */
export async function makeCalls(request: LoadRequest, amount: number): Promise<number> {
  const { calls } = await (request.overHttp2
    ? driveHttp2(request, { atOnce: connections, isOver: (begun) => begun >= amount })
    : driveHttp1(request, { amount }))
  return amount - calls
}

export function messagesRequest({ url, headers }: Target, kind: Kind): LoadRequest {
  const traffic: Traffic = kinds[kind]
  const nextBody = createBodies(traffic)
  return {
    url,
    path: '/v1/messages',
    headers,
    body: nextBody(),
    ...(traffic.isVaried && { nextBody }),
    overHttp2: false,
  }
}

interface Counts {
  readonly calls: number
  readonly failures: number
}

function after(durationMs: number): () => boolean {
  const endsAtMs = performance.now() + durationMs
  return () => performance.now() >= endsAtMs
}

async function driveHttp1(
  { url, path, headers, body, nextBody }: LoadRequest,
  limit: { readonly duration: number } | { readonly amount: number },
): Promise<Counts> {
  const call = { url: `${url}${path}`, method: 'POST', headers: { ...headers }, body } as const
  const most = 'amount' in limit ? Math.min(connections, limit.amount) : connections
  // A new request per call costs the load generator more than a repeated one, so it is used only if
  // required.
  const varied = nextBody && {
    requests: [{ setupRequest: (request: Request) => ({ ...request, body: nextBody() }) }],
  }
  const result = await autocannon({ connections: most, ...call, ...limit, ...varied })
  return { calls: result['2xx'], failures: result.non2xx + result.errors }
}
