/** Counts events by name, in windows of a minute that begin with the first event. */
export interface WindowCounter {
  add(name: string): void
  /** The time until the name has fewer than `max` events; 0: now. */
  getWaitMs(name: string, max: number): number
}

const windowMs = 60_000

/** The names that were added longest ago are forgotten. */
const maxNames = 10_000

export function createWindowCounter(nowMs: () => number): WindowCounter {
  const counts = new Map<string, { readonly sinceMs: number; events: number }>()
  const find = (name: string) => {
    const found = counts.get(name)
    return found !== undefined && nowMs() - found.sinceMs < windowMs ? found : undefined
  }
  return {
    add(name) {
      const count = find(name) ?? { sinceMs: nowMs(), events: 0 }
      count.events += 1
      counts.delete(name)
      counts.set(name, count)
      const [oldest] = counts.keys()
      if (counts.size > maxNames && oldest !== undefined) counts.delete(oldest)
    },
    getWaitMs(name, max) {
      const count = find(name)
      return count === undefined || count.events < max ? 0 : count.sinceMs + windowMs - nowMs()
    },
  }
}
