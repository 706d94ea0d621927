/** Runs a function in the next iteration of the event loop. */
export type TickScheduler = (run: () => void) => void

/** All waiting functions share one iteration, because an iteration costs more than most of the functions. */
export function createTickScheduler(): TickScheduler {
  let waiting: (() => void)[] = []
  const start = (): void => {
    const runs = waiting.values()
    waiting = []
    try {
      for (const run of runs) run()
    } finally {
      // If one has thrown, the others are scheduled again.
      for (const run of runs) schedule(run)
    }
  }
  const schedule: TickScheduler = (run) => {
    if (waiting.push(run) === 1) startInNextIteration(start)
  }
  return schedule
}

/** Captured at load time, so that a test's fake timers do not stop the emulator. Browsers have no `setImmediate`. */
const { setTimeout: startTimer } = globalThis
const startInNextIteration: (start: () => void) => unknown =
  'setImmediate' in globalThis ? globalThis.setImmediate : (start) => startTimer(start, 0)
