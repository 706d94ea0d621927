// Two servers called in turn, one call at a time: other load on the machine delays both alike, so that a difference of
// some hundred microseconds between them is visible where medians of separate runs vary by milliseconds.
import { Pool } from 'undici'

import { percentile } from './figures.ts'
import { timeCall } from './open-load.ts'
import type { Target } from './targets.ts'
import { encodeBody } from './traffic.ts'
import type { Traffic } from './traffic.ts'

/** The latency of each target, in the order given. */
export async function runInTurn(
  targets: readonly Target[],
  { traffic, calls }: { readonly traffic: Traffic; readonly calls: number },
): Promise<readonly { readonly p50Ms: number; readonly failures: number }[]> {
  const body = encodeBody(traffic)
  const lanes = targets.map((target) => ({
    target,
    pool: new Pool(target.url, { connections: 1, pipelining: 1 }),
    totalsMs: [] as number[],
    failures: 0,
  }))
  for (let call = 0; call < calls; call += 1)
    for (const lane of lanes) {
      const { clean, totalMs } = await timeCall(lane.pool, lane.target, traffic, body)
      if (clean) lane.totalsMs.push(totalMs)
      else lane.failures += 1
    }
  await Promise.all(lanes.map(({ pool }) => pool.destroy()))
  return lanes.map(({ totalsMs, failures }) => ({
    p50Ms: percentile(
      totalsMs.toSorted((a, b) => a - b),
      0.5,
    ),
    failures,
  }))
}
