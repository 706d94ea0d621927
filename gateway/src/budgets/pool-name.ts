import { findRolling } from './budget.ts'
import type { Budget } from './budget.ts'
import { findSlot, findWindow } from './window.ts'
import type { Window } from './window.ts'

/** The window of a budget that counts calls of a time, and its name in every process. */
export interface NamedWindow {
  readonly name: string
  /** Null for a rolling window. */
  readonly window: Window | null
  readonly slot: number
}

/**
 * Finds the window by calls' times. The name changes when a change of the budget makes other calls count, so that the
 * sums of the two are kept apart. Most calls count in the window of the call before, so the last one of each budget is
 * kept.
 */
export function createWindowFinder(): (budget: Budget, atMs: number) => NamedWindow {
  const last = new Map<
    string,
    { readonly activeFromMs: number; readonly window: Window; readonly name: string }
  >()
  return (budget, atMs) => {
    const { id, activeFromMs } = budget
    const rolling = findRolling(budget)
    if (rolling !== null)
      return { name: `${id} ${activeFromMs} rolling`, window: null, slot: findSlot(rolling, atMs) }
    const known = last.get(id)
    if (known?.activeFromMs === activeFromMs && contains(known.window, atMs))
      return { name: known.name, window: known.window, slot: 0 }
    const window = findWindow(budget, atMs)
    const name = `${id} ${activeFromMs} ${window.startMs}`
    if (known === undefined || window.startMs >= known.window.startMs)
      last.set(id, { activeFromMs, window, name })
    return { name, window, slot: 0 }
  }
}

function contains({ startMs, endMs }: Window, atMs: number): boolean {
  return atMs >= startMs && (endMs === null || atMs < endMs)
}
