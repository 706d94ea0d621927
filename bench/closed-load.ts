import autocannon from 'autocannon'

import { readCpuMicroseconds } from './meter.ts'
import type { Target } from './targets.ts'
import { type Kind, encodeBody, kinds } from './traffic.ts'

/** What a server does when its clients ask again as soon as they are answered. */
export interface ClosedResult {
  readonly callsPerSecond: number
  readonly cpuMicrosecondsPerCall: number
  /** Answers other than 200, broken connections and timeouts. */
  readonly failures: number
}

const connections = 16
const warmUpShare = 0.25

/** Full load from 16 connections for `windowMs`, after a warm-up that is not counted. */
export async function runClosedLoad(target: Target, kind: Kind, windowMs: number): Promise<ClosedResult> {
  const plan = { connections, ...requestOf(target, kind) }
  await autocannon({ ...plan, duration: Math.max(0.5, (windowMs * warmUpShare) / 1_000) })
  const [startedAtMs, cpuBefore] = [performance.now(), await readCpuMicroseconds(target.child.pid)]
  const result = await autocannon({ ...plan, duration: windowMs / 1_000 })
  const [endedAtMs, cpuAfter] = [performance.now(), await readCpuMicroseconds(target.child.pid)]
  const calls = result['2xx']
  return {
    callsPerSecond: calls / ((endedAtMs - startedAtMs) / 1_000),
    cpuMicrosecondsPerCall: calls === 0 ? Number.NaN : (cpuAfter - cpuBefore) / calls,
    failures: failuresOf(result),
  }
}

/** Makes a number of calls; returns how many of them failed. */
export async function makeCalls(target: Target, amount: number): Promise<number> {
  return failuresOf(await autocannon({ connections, amount, ...requestOf(target, 'plain') }))
}

function requestOf(target: Target, kind: Kind) {
  const { url, headers } = target
  return {
    url: `${url}/v1/messages`,
    method: 'POST',
    headers: { ...headers },
    body: encodeBody(kinds[kind]),
  } as const
}

function failuresOf(result: autocannon.Result): number {
  return result.non2xx + result.errors
}
