/** Takes what is to be done in the next turn of the event loop, where others have had theirs. */
export type TickScheduler = (run: () => void) => void

/** All that waits for a turn shares one, for a turn of the event loop costs more than most of what is done in it. */
export function createTickScheduler(): TickScheduler {
  let waiting: (() => void)[] = []
  const start = (): void => {
    const runs = waiting.values()
    waiting = []
    try {
      for (const run of runs) run()
    } finally {
      // Where one has thrown, the others get their turn all the same.
      for (const run of runs) take(run)
    }
  }
  const take: TickScheduler = (run) => {
    if (waiting.push(run) === 1) startInNextTurn(start)
  }
  return take
}

/** Taken at the start: a test that stops the timers of its own code does not stop the emulator. Browsers have no `setImmediate`. */
const { setTimeout: startTimer } = globalThis
const startInNextTurn: (start: () => void) => unknown =
  'setImmediate' in globalThis ? globalThis.setImmediate : (start) => startTimer(start, 0)
