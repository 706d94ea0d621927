import { expect, onTestFinished, test } from 'vitest'

import type { ToPrimary, WorkerStart } from '../../src/cluster/message.ts'
import { WorkerLedger } from '../../src/cluster/worker-ledger.ts'
import { until } from '../condition.ts'
import { callEnd, callStart } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'

test('has the health that the primary sent, also after its own journal took a row', async () => {
  const { ledger, failures } = start()

  ledger.onMessage({ kind: 'health', healthy: false })
  await ledger.write({ start: callStart(), end: callEnd() })

  expect(ledger.healthy).toBe(false)
  expect(failures).toHaveLength(1)
  ledger.onMessage({ kind: 'health', healthy: true })
  expect(ledger.healthy).toBe(true)
})

test('rejects new calls once its journal is too far ahead of the store, until the store has caught up', async () => {
  const { ledger, sent } = start()

  await ledger.write({ start: callStart(), end: null })
  const before = [ledger.healthy, ledger.lag.records]
  await ledger.write({ start: callStart(), end: callEnd() })
  await until('the primary is told', () => sent.some(({ kind }) => kind === 'appended'))

  expect([before, ledger.healthy, ledger.lag.records]).toEqual([[true, 1], false, 2])
  ledger.onMessage({ kind: 'stored', position: { segment: 1, offset: 1_000_000 } })
  expect([ledger.healthy, ledger.lag]).toEqual([true, { records: 0, bytes: 0, oldestMs: 0 }])
})

test('rejects a query that the primary cannot answer', async () => {
  const { ledger, sent } = start()
  const answer = ledger.query({ kind: 'unsettled', after: null, limit: 1 })
  for (const message of sent)
    if (message.kind === 'query')
      ledger.onMessage({ kind: 'query_result', number: message.number, resources: null })

  await expect(answer).rejects.toThrow('the ledger could not be read')
})

function start() {
  const sent: ToPrimary[] = []
  const failures: string[] = []
  const begin: WorkerStart = {
    number: 0,
    workers: 2,
    keys: [],
    source: 'worker-1',
    healthy: true,
    abandoned: 0,
    leasesUntilMs: null,
    windowMs: 60_000,
    processId: 'process_test',
    budgets: { budgets: [], states: {}, names: { key: new Map(), workspace: new Map(), member: new Map() } },
    port: 0,
    host: '127.0.0.1',
    reusePort: true,
    workerConfig: null,
  }
  const options = {
    dataFolder: temporaryFolder(),
    maxLagBytes: 500,
    onKeys: () => {},
    onFailure: (message: string) => void failures.push(message),
  }
  const ledger = new WorkerLedger(begin, options, (message) => void sent.push(message))
  onTestFinished(() => ledger.close())
  return { ledger, failures, sent }
}
