import { setImmediate } from 'node:timers/promises'

/** The longest time that work on one request blocks the event loop. */
export const sliceMs = 10

/** Runs the steps of long work, and lets other calls run in between. A step must be short. */
export async function runInSlices(steps: Iterable<void>): Promise<void> {
  let sliceEndMs = Date.now() + sliceMs
  let count = 0
  for (const _ of steps) {
    count += 1
    // A look at the clock costs as much as a short step.
    if (count % stepsPerLook !== 0 || Date.now() < sliceEndMs) continue
    await setImmediate()
    sliceEndMs = Date.now() + sliceMs
  }
}

const stepsPerLook = 64
