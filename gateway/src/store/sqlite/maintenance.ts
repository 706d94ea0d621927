import type { DatabaseSync } from 'node:sqlite'

import { planPruning } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { deriveNextHour } from './rollup-derivation.ts'

export interface MaintenanceOptions {
  readonly retention: Retention
  /** True while calls wait to be written: they come first. */
  readonly isBusy: () => boolean
  readonly nowMs?: () => number
}

/** Derives the coarser sums and removes old rows, in steps of a few milliseconds between the commits of calls. */
export function startMaintenance(database: DatabaseSync, options: MaintenanceOptions): { stop(): void } {
  const steps = createSteps(database, options)
  let timer: NodeJS.Timeout | undefined
  const run = () => {
    let isDone = true
    try {
      isDone = !options.isBusy() && !steps.run()
    } catch {
      // A persistent error also fails the commits of calls, which report it. The next round tries again.
    }
    timer = setTimeout(run, isDone ? idleMs : pauseMs)
    timer.unref()
  }
  timer = setTimeout(run, pauseMs)
  timer.unref()
  return { stop: () => clearTimeout(timer) }
}

/** The pause between two steps, in which calls are written. */
const pauseMs = 5
/** The pause if nothing is left to do. */
const idleMs = 30_000

/** Runs one step; returns false if nothing is left to do. */
export function createSteps(
  database: DatabaseSync,
  { retention, nowMs = Date.now }: Pick<MaintenanceOptions, 'retention' | 'nowMs'>,
): { run(): boolean } {
  let maxRows = 50
  function prune(): boolean {
    for (const { statement, beforeMs } of planPruning(retention, nowMs())) {
      const startedMs = performance.now()
      const { changes } = database.prepare(statement).run(beforeMs, maxRows)
      if (Number(changes) === 0) continue
      // The time of a row depends on the machine.
      const tookMs = performance.now() - startedMs
      maxRows = Math.min(maxStepRows, Math.max(10, Math.floor((maxRows * stepMs) / Math.max(tookMs, 0.1))))
      return true
    }
    return false
  }
  return { run: () => deriveNextHour(database, nowMs() - lateMs) || prune() }
}

/** The time that a step should take. */
const stepMs = 2
const maxStepRows = 1_000

/** Most calls of an hour have ended by then. Later ones cost a few more statements each. */
const lateMs = 600_000
