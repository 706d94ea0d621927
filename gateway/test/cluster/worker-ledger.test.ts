import { expect, onTestFinished, test } from 'vitest'

import type { ToPrimary, WorkerStart } from '../../src/cluster/message.ts'
import { WorkerLedger } from '../../src/cluster/worker-ledger.ts'

test('has the health that the primary sent, even after a confirmation', async () => {
  const { ledger, failures, sent } = start()
  const durable = ledger.change({ kind: 'settled', id: 'msgbatch_one', atMs: 1 })
  ledger.onMessage({ kind: 'health', healthy: false })
  await new Promise((done) => setImmediate(done))

  for (const message of sent) if (message.kind === 'rows') ledger.onMessage({ ...message, kind: 'confirmed' })
  await durable

  // If a commit fails before this one's success is broadcast, the primary sees no change.
  expect(ledger.healthy).toBe(false)
  expect(failures).toHaveLength(1)
  ledger.onMessage({ kind: 'health', healthy: true })
  expect(ledger.healthy).toBe(true)
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
    healthy: true,
    abandoned: 0,
    windowMs: 60_000,
    processId: 'process_test',
    budgets: { budgets: [], states: {}, names: { key: new Map(), workspace: new Map(), member: new Map() } },
    port: 0,
    host: '127.0.0.1',
    reusePort: true,
    workerConfig: null,
  }
  const listeners = {
    onKeys: () => {},
    onFailure: (message: string) => void failures.push(message),
    waitMs: 1_000,
  }
  const ledger = new WorkerLedger(begin, listeners, (message) => void sent.push(message))
  onTestFinished(() => {
    for (const message of sent)
      if (message.kind === 'rows') ledger.onMessage({ ...message, kind: 'confirmed' })
    return ledger.close()
  })
  return { ledger, failures, sent }
}
