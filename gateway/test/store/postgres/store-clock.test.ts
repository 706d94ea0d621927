import { afterAll, beforeAll, expect, test } from 'vitest'

import { openConnections } from '../../../src/store/postgres/connections.ts'
import { openStoreClock } from '../../../src/store/postgres/store-clock.ts'
import { startPostgres } from '../running-postgres.ts'
import type { RunningPostgres } from '../running-postgres.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test.each([-300_000, 300_000])(
  'servers whose clocks differ by %d ms from the store agree on its time',
  async (wrongMs) => {
    const connections = await openConnections({ url: await postgres.createDatabase() })

    const beforeMs = Date.now()
    const clock = await openStoreClock(connections, () => Date.now() + wrongMs)
    const timeMs = clock.nowMs()
    const afterMs = Date.now()
    await clock.close()
    await connections.close()

    // PostgreSQL runs on this machine; a slow answer leaves a doubt of half its time.
    const doubtMs = afterMs - beforeMs + 1
    expect(timeMs).toBeGreaterThanOrEqual(beforeMs - doubtMs)
    expect(timeMs).toBeLessThanOrEqual(afterMs + doubtMs)
  },
)
