import { pause } from './child.ts'
import { makeCalls, messagesRequest } from './closed-load.ts'
import { readRssMegabytes } from './meter.ts'
import type { Samples } from './samples.ts'
import { startTarget } from './targets.ts'
import type { Site, TargetName } from './targets.ts'

/** The servers with a memory goal, and the floor for comparison. */
export const memoryNames: readonly TargetName[] = ['floor', 'anthology', 'emulator']

const settleMs = 1_000

/** Memory after few and after many calls, of a freshly started server. */
export async function measureMemory(
  name: TargetName,
  { site, calls, samples }: { site: Site; calls: readonly [first: number, last: number]; samples: Samples },
): Promise<void> {
  const target = await startTarget(name, site)
  const [first, last] = calls
  // A server that produces its own responses must not keep requests, so each request is different.
  const request = messagesRequest(target, name === 'emulator' ? 'plain, distinct' : 'plain')
  let failures = await makeCalls(request, first)
  await pause(settleMs)
  const firstRssMegabytes = await readRssMegabytes(target.processes)
  failures += await makeCalls(request, last - first)
  await pause(settleMs)
  const lastRssMegabytes = await readRssMegabytes(target.processes)
  samples.add({ round: 0, test: 'memory', target: name }, { failures, firstRssMegabytes, lastRssMegabytes })
  await target.child.stop()
}
