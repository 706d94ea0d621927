import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import type { RateLimits } from '../../src/leases/allowance.ts'
import { createLeaseClient } from '../../src/leases/lease-client.ts'
import type { LeaseClient } from '../../src/leases/lease-client.ts'
import { createStoreLeaseServer } from '../../src/leases/store-lease-server.ts'
import type { StoreLeaseServer } from '../../src/leases/store-lease-server.ts'
import { createRateWindows, createRates } from '../../src/rates/rates.ts'
import type { Rates } from '../../src/rates/rates.ts'
import { createBucketTable } from '../../src/store/postgres/bucket-table.ts'
import { messageChannel, watchChanges } from '../../src/store/postgres/changes.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { migratePostgres } from '../../src/store/postgres/migrations.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'
import { estimate, haiku, key } from './lease-workers.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const limits: RateLimits = { requests: 30 }
const windowMs = 60_000

test('three servers on one PostgreSQL admit exactly the limit, whichever of them is asked', async () => {
  const servers = await startServers(3)

  const taken = await Promise.all(Array.from({ length: 90 }, (_, index) => takeAt(servers[index % 3], index)))

  expect(taken.filter(Boolean)).toHaveLength(30)
})

test('a server gets all that the others do not use', async () => {
  const [first, second] = await startServers(2)
  expect(await takeAt(first, 0)).toBe(true)

  const taken = []
  for (let call = 0; call < 40; call += 1) taken.push(await takeAt(second, call))

  expect(taken.filter(Boolean)).toHaveLength(29)
})

test('the leases of a server that ended count as used', async () => {
  const [first, second] = await startServers(2)
  expect(await takeAt(first, 0)).toBe(true)
  first?.leases.forget(0)

  // All that was lent to the first server is lost for this window.
  const taken = []
  for (let call = 0; call < 40; call += 1) taken.push(await takeAt(second, call))

  const admitted = taken.filter(Boolean).length
  expect(admitted).toBeLessThan(29)
  expect(admitted).toBeGreaterThan(0)
})

test('what a worker that has just started does not use goes to the other servers', async () => {
  const [first, second] = await startServers(2)
  const worker = first?.addWorker()
  // The store is told about the workers of before, which must not be taken for an announcement of the new one.
  const told = first?.leases.keepAlive()
  expect(await takeAt(worker, 0)).toBe(true)
  await told

  const taken = []
  for (let call = 0; call < 40; call += 1) taken.push(await takeAt(second, call))

  expect(taken.filter(Boolean)).toHaveLength(29)
})

test('a server that was not seen for too long uses none of its leases', async () => {
  const [server] = await startServers(1)
  expect(await takeAt(server, 0)).toBe(true)

  server?.pass(20_000)

  // Its leases have expired, and the store has not seen it since.
  const before = await takeAt(server, 1)
  await server?.leases.keepAlive()
  server?.pass(1_000)
  const after = await takeAt(server, 2)
  expect([before, after]).toEqual([false, true])
})

test('without PostgreSQL a call above the leases is denied, and admitted again once it is back', async () => {
  const [server] = await startServers(1)
  const taken = [await takeAt(server, 0)]
  await postgres.stop()
  for (let call = 0; call < 20; call += 1) taken.push(await takeAt(server, call))
  const whileDown = taken.filter(Boolean).length
  await postgres.start()

  await expect.poll(() => takeAt(server, 99)).toBe(true)

  expect(whileDown).toBeLessThan(30)
  let admitted = whileDown + 1
  for (let call = 0; call < 60; call += 1) if (await takeAt(server, call)) admitted += 1
  // A grant whose answer was lost may be missing, but the limit is never exceeded.
  expect(admitted).toBeLessThanOrEqual(30)
})

interface TestWorker {
  readonly rates: Rates
}

interface TestServer extends TestWorker {
  readonly leases: StoreLeaseServer
  /** Moves the server's clock ahead, as if it had been stopped. */
  pass(ms: number): void
  /** Starts one more process of the server. */
  addWorker(): TestWorker
}

async function startServers(count: number): Promise<readonly TestServer[]> {
  const url = await postgres.createDatabase()
  return Promise.all(Array.from({ length: count }, () => startServer(url)))
}

async function startServer(url: string): Promise<TestServer> {
  const connections = await openConnections({ url, maxConnectMs: 200 })
  await migratePostgres(connections, url)
  let passedMs = 0
  const nowMs = () => performance.now() + passedMs
  const clients: LeaseClient[] = []
  const leases = await createStoreLeaseServer({
    store: createBucketTable(connections, messageChannel),
    post: (worker, message) => clients[worker]?.onMessage(message),
    onExpired: () => {
      for (const client of clients) client.expire()
    },
    nowMs,
    windowMs,
    createLimits: (_, terms) => createRateWindows(terms, windowMs),
  })
  const watch = watchChanges({
    connections,
    onChange: () => Promise.resolve(),
    onMessage: { [messageChannel]: (payload) => leases.onStoreMessage(payload) },
  })
  await watch.ready
  onTestFinished(async () => {
    await watch.close()
    await leases.close()
    await connections.close()
  })
  const addWorker = () => {
    const worker = clients.length
    const leaseClient = createLeaseClient({
      post: (message) => leases.onMessage(worker, message),
      nowMs,
      windowMs,
      validity: leases.validity,
    })
    clients.push(leaseClient)
    return { rates: createRates({ getLimits: () => limits, nowMs, wallMs: Date.now, windowMs, leaseClient }) }
  }
  return { ...addWorker(), leases, pass: (ms) => (passedMs += ms), addWorker }
}

/** True if the call is admitted. Every other call is sent and ends; the others stay held. */
async function takeAt(server: TestWorker | undefined, call: number): Promise<boolean> {
  const taken = await server?.rates.take(key, haiku, estimate)
  if (taken?.ok !== true) return false
  taken.start()
  if (call % 2 === 0) taken.settle({ input_tokens: 10, output_tokens: 5 }, 'answered')
  return true
}
