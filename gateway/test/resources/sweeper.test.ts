import { expect, test } from 'vitest'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { until } from '../condition.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody } from '../samples.ts'
import { scrape } from '../telemetry/scrape.ts'
import { createBatch, startBoth, storedItems, succeeded, succeededNanoUsd, sendRequest } from './batches.ts'
import type { Both } from './batches.ts'

const often = { limits: { sweepMs: 10 } }

test('settles a batch whose results no client fetches, once it has ended', async () => {
  const both = await startBoth(often)
  const id = await createBatch(both)
  await until('it was checked', () => both.upstream.requests.length > 3)
  const early = storedItems(both.gateway)[0]?.settled_at_ms

  both.upstream.end(id, [`${succeeded('a')}\n`, succeeded('b')])
  await until('it is settled', () => isSettled(both, id))
  const asked = both.upstream.requests.length
  await until('it is not checked again', () => passes(both, 3))

  expect(early).toBeNull()
  expect(both.gateway.rows()).toMatchObject([
    { id: `${id}/a`, key_id: 'key_local', cost_nano_usd: succeededNanoUsd },
    { id: `${id}/b`, key_id: 'key_local', cost_nano_usd: succeededNanoUsd },
  ])
  expect(both.upstream.requests.slice(asked).filter(({ target }) => target.includes(id))).toEqual([])
})

test('checks one batch at a time, in turn', async () => {
  const both = await startBoth(often)
  // More than one sweep checks.
  const ids = await Promise.all(Array.from({ length: 101 }, () => createBatch(both)))
  let [running, most] = [0, 0]
  both.upstream.before(/^GET/, async () => {
    most = Math.max(most, (running += 1))
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
  })

  await until('every batch was checked twice', () =>
    ids.every((id) => both.upstream.requests.filter(({ target }) => target.endsWith(id)).length >= 2),
  )

  expect(most).toBe(1)
})

test.each(['lose', 'archive'] as const)(
  'closes a batch that the upstream has no results of any more: %s',
  async (answer) => {
    const both = await startBoth(often)
    const id = await createBatch(both)

    both.upstream[answer](id)
    await until('it is closed', () => isSettled(both, id))

    expect(both.gateway.rows()).toEqual([])
    expect(both.gateway.log).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'batch_closed', batch: id, key: 'key_local' }),
    )
  },
)

test('settles batches after a restart that ended meanwhile', async () => {
  const first = await startBoth()
  const id = await createBatch(first)
  await first.gateway.close()
  first.upstream.end(id, [succeeded('a')])

  const gateway = await startGateway({
    upstreamUrl: first.upstream.url,
    dataFolder: first.gateway.dataFolder,
    ...often,
  })
  await until('it is settled', () => isSettled({ gateway }, id))

  expect(gateway.rows()).toMatchObject([{ id: `${id}/a`, cost_nano_usd: succeededNanoUsd }])
})

test('continues after an upstream failure, and logs it', async () => {
  const both = await startBoth(often)
  let failing = true
  both.upstream.before(/^GET/, () => {
    if (failing) both.upstream.requests.at(-1)?.socket.destroy()
  })
  const id = await createBatch(both)
  both.upstream.end(id, [succeeded('a')])

  await until('it failed', () => both.gateway.log.some(({ event }) => event === 'batch_not_settled'))
  failing = false
  await until('it is settled', () => isSettled(both, id))

  expect(both.gateway.rows()).toHaveLength(1)
})

test('fetches no results while the ledger fails, and all once it works again', async () => {
  const both = await startBoth({ limits: { sweepMs: 10, ledgerWaitMs: 100 } })
  const id = await createBatch(both)
  const change = (statement: string) => {
    const database = openDatabase(both.gateway.dataFolder)
    database.exec(statement)
    database.close()
  }
  const sweeps = async () =>
    (await scrape(both.gateway)).get('anthology_limit_reached_total{name="sweep_ms"}') ?? 0
  change("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  await both.gateway.post(callBody)
  await until('the ledger has failed', () => both.gateway.log.some(({ event }) => event === 'ledger_failed'))

  both.upstream.end(id, [succeeded('a')])
  const asked = both.upstream.requests.length
  const before = await sweeps()
  await until('it has swept', async () => (await sweeps()) > before + 3)
  const askedMeanwhile = both.upstream.requests.slice(asked).map(({ target }) => target)
  change('DROP TRIGGER broken')
  await until('it is settled', () => isSettled(both, id))

  expect(askedMeanwhile.filter((target) => target.endsWith('/results'))).toEqual([])
  expect(both.gateway.rows().filter((row) => row['id'] === `${id}/a`)).toHaveLength(1)
})

test('aborts its request when the gateway closes', async () => {
  const both = await startBoth(often)
  let [asked, cut] = [false, false]
  both.upstream.before(/^GET/, async () => {
    asked = true
    both.upstream.requests.at(-1)?.socket.once('close', () => (cut = true))
    await new Promise(() => {})
  })
  const id = await createBatch(both)
  await until('the sweeper sends a request', () => asked)

  await both.gateway.close()
  await until('the upstream request is aborted', () => cut)

  expect(storedItems(both.gateway)).toMatchObject([{ id, settled_at_ms: null }])
})

test('prices a settled batch like one that a client has read', async () => {
  const both = await startBoth(often)
  const id = await createBatch(both)
  both.upstream.end(id, [succeeded('a')])
  await until('it is settled', () => isSettled(both, id))
  const swept = both.gateway.rows()

  await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)

  expect(both.gateway.rows()).toEqual(swept)
})

function isSettled({ gateway }: Pick<Both, 'gateway'>, id: string): boolean {
  return storedItems(gateway).some((resource) => resource.id === id && resource.settled_at_ms !== null)
}

/** True once an unsettled batch was checked this many times, so that as many sweeps have passed. */
async function passes(both: Both, times: number): Promise<boolean> {
  const marker =
    storedItems(both.gateway).find((resource) => resource.settled_at_ms === null)?.id ??
    (await createBatch(both))
  return both.upstream.requests.filter(({ target }) => target.endsWith(marker)).length >= times
}
