/** Work between the commits of calls, in steps of a few milliseconds. */
export interface MaintenanceSteps {
  /** Runs one step; false: nothing is left to do. */
  run(): Promise<boolean>
}

export interface Maintenance {
  /** Resolves when no step runs any more. */
  stop(): Promise<void>
}

export function startMaintenance(steps: MaintenanceSteps): Maintenance {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const schedule = (ms: number) => {
    if (isStopped) return
    timer = setTimeout(() => {
      running = step()
    }, ms)
    timer.unref()
  }
  const step = async () => {
    let isDone = true
    try {
      isDone = !(await steps.run())
    } catch {
      // A persistent error also fails the commits of calls, which report it. The next round tries again.
    }
    schedule(isDone ? idleMs : pauseMs)
  }
  schedule(pauseMs)
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** The pause between two steps, in which calls are written. */
const pauseMs = 5
/** The pause if nothing is left to do. */
const idleMs = 30_000
