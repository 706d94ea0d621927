import { monotonicMs } from '../../clock.ts'
import type { Connections } from './connections.ts'

/** The time of day of a PostgreSQL, in Unix milliseconds. */
export interface StoreClock {
  readonly nowMs: () => number
  close(): Promise<void>
}

/**
 * Follows the clock of the PostgreSQL: all servers on it agree on the time, although their own clocks may differ by
 * minutes or be set while they run. Windows of budgets and the expiry of keys depend on that.
 */
export async function openStoreClock(connections: Connections, localMs = Date.now): Promise<StoreClock> {
  let offsetMs = localMs() - monotonicMs()
  const measure = async (): Promise<void> => {
    const sentMs = monotonicMs()
    const { rows } = await connections.use((client) => client.query<{ now_ms: bigint }>(readTime))
    const receivedMs = monotonicMs()
    const measuredMs = Number(rows[0]?.now_ms) - (sentMs + receivedMs) / 2
    const doubtMs = (receivedMs - sentMs) / 2 + toleranceMs
    if (Math.abs(measuredMs - offsetMs) > doubtMs) offsetMs = measuredMs
  }
  await measure()
  let pending: Promise<void> | null = null
  const timer = setInterval(() => {
    // While the store cannot be reached, the last offset stays right.
    pending ??= measure()
      .catch(() => {})
      .finally(() => (pending = null))
  }, measureMs)
  timer.unref()
  return {
    nowMs: () => Math.floor(monotonicMs() + offsetMs),
    async close() {
      clearInterval(timer)
      await pending
    },
  }
}

const readTime = 'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now_ms'

const measureMs = 10_000

/** A smaller difference is left as it is, so that the time goes forward evenly. */
const toleranceMs = 100
