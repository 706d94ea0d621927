import { pause } from './child.ts'
import { makeCalls, messagesRequest } from './closed-load.ts'
import { readRssMegabytes } from './meter.ts'
import type { Samples } from './samples.ts'
import { startTarget } from './targets.ts'
import type { Site, TargetName } from './targets.ts'

/** The servers whose memory over many calls is a promise of ours, and the floor to compare with. */
export const memoryNames: readonly TargetName[] = ['floor', 'anthology', 'emulator']

const settleMs = 1_000

/** Memory after few and after many calls, of a server that was started for this alone. */
export async function measureMemory(
  name: TargetName,
  { site, calls, samples }: { site: Site; calls: readonly [first: number, last: number]; samples: Samples },
): Promise<void> {
  const target = await startTarget(name, site)
  const [first, last] = calls
  // What answers by itself must not keep what it was sent, so it is sent something else each time.
  const request = messagesRequest(target, name === 'emulator' ? 'plain, each another' : 'plain')
  let failures = await makeCalls(request, first)
  await pause(settleMs)
  const firstRssMegabytes = await readRssMegabytes(target.processes)
  failures += await makeCalls(request, last - first)
  await pause(settleMs)
  const lastRssMegabytes = await readRssMegabytes(target.processes)
  samples.add({ round: 0, test: 'memory', target: name }, { failures, firstRssMegabytes, lastRssMegabytes })
  await target.child.stop()
}
