import { setImmediate } from 'node:timers/promises'

/** The longest time that work on one request blocks the event loop. */
export const sliceMs = 10

/** Lets other calls run before the next step of work on a body, if the body is so large that a step takes milliseconds. */
export async function pauseBetweenSteps(body: Uint8Array): Promise<void> {
  if (body.length > unslicedBytes) await setImmediate()
}

const unslicedBytes = 1_000_000

/** Runs the steps of long work to their result, and lets other calls run in between. A step must be short. */
export async function runInSlices<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
  let sliceEndMs = performance.now() + sliceMs
  for (let count = 1; ; count += 1) {
    const step = steps.next()
    if (step.done === true) return step.value
    // A look at the clock costs as much as a short step.
    if (count % stepsPerLook !== 0 || performance.now() < sliceEndMs) continue
    await setImmediate()
    sliceEndMs = performance.now() + sliceMs
  }
}

const stepsPerLook = 64
