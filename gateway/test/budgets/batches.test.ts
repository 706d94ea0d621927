import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import {
  batchBody,
  createBatch,
  haiku,
  sendRequest,
  startBoth,
  succeeded,
  succeededNanoUsd,
} from '../resources/batches.ts'
import { opus } from '../samples.ts'

const adminKey = 'the-admin-key-of-the-tests'

interface ShownBudget {
  readonly spent: string
  readonly held: string
  readonly left: string
}

async function readBudgets({ url }: { readonly url: string }): Promise<readonly ShownBudget[]> {
  const { text } = await ask(`${url}/admin/v1/budgets`, { headers: { 'x-api-key': adminKey } })
  return (JSON.parse(text) as { data: ShownBudget[] }).data // A page of budgets.
}

async function readBudget(gateway: { readonly url: string }): Promise<ShownBudget> {
  return (await readBudgets(gateway))[0] ?? { spent: '', held: '', left: '' }
}

/** Reads the budget once something is booked on it, which follows the answer by a moment. */
async function readSpending(gateway: { readonly url: string }): Promise<ShownBudget> {
  await expect.poll(async () => Number((await readBudget(gateway)).spent)).toBeGreaterThan(0)
  return readBudget(gateway)
}

// 3: batches were not checked by another gateway.

test('a batch holds what its requests may cost at most, and its results take the place of that', async () => {
  const both = await startBoth({
    adminKey,
    budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'day' }] },
  })

  const id = await createBatch(both, { models: [opus, opus] })
  const created = await readSpending(both.gateway)
  both.upstream.end(id, [`${succeeded('item-0')}\n${succeeded('item-1')}\n`])
  const results = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)
  const cost = (2 * succeededNanoUsd) / 1e9
  await expect
    .poll(async () => Math.abs(Number((await readBudget(both.gateway)).spent) - cost))
    .toBeLessThan(1e-9)
  const settled = await readBudget(both.gateway)

  // Each has some sixty bytes of prompt, and nine tokens of output at half of 75 dollars per million.
  expect(Number(created.spent)).toBeGreaterThan(2 * 9 * 37.5e-6)
  expect(Number(created.spent)).toBeLessThan(0.01)
  expect(results.status).toBe(200)
  expect(settled.held).toBe('0.00')
})

test('a batch that does not fit is refused, and nothing is sent', async () => {
  const both = await startBoth({
    budgets: { budgets: [{ scope: 'organization', limit: '0.0001', window: 'day' }] },
  })

  const answer = await sendRequest(both.gateway, 'POST', '/v1/messages/batches', {
    body: batchBody([opus, haiku]),
  })

  expect(answer.status).toBe(429)
  expect(answer.text).toContain('budget of organization')
  expect(both.upstream.requests).toEqual([])
})

test('a batch whose answer is lost counts with its hold, and one that was refused holds nothing', async () => {
  const both = await startBoth({
    adminKey,
    budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'total' }] },
  })
  const { gateway, upstream } = both
  const attempts: ((response: ServerResponse) => void)[] = [
    (response) => response.destroy(),
    (response) => void response.writeHead(400, { 'content-type': 'application/json' }).end('{}'),
  ]
  upstream.before(/^POST/, (response) => attempts.shift()?.(response))
  const create = () => sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody([opus]) })

  const statuses = [(await create()).status, (await create()).status]
  const after = await readSpending(gateway)
  await gateway.close()
  const again = await startBoth({
    adminKey,
    budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'total' }] },
    dataFolder: gateway.dataFolder,
  })
  const listed = await sendRequest(again.gateway, 'GET', '/v1/messages/batches')

  expect(statuses).toEqual([502, 400])
  expect(Number(after.spent)).toBeGreaterThan(9 * 37.5e-6)
  expect(Number(after.spent)).toBeLessThan(2 * 9 * 37.5e-6 + 0.001)
  expect((await readBudget(again.gateway)).spent).toBe(after.spent)
  expect(JSON.parse(listed.text)).toMatchObject({ data: [] })
})

test('a batch costs the same if its results come after a restart, or a budget is newer than the batch', async () => {
  const budgets = { budgets: [{ scope: 'organization', limit: '1', window: 'total' }] } as const
  const both = await startBoth({ adminKey, budgets })
  const id = await createBatch(both, { models: [opus] })
  await readSpending(both.gateway)
  await both.gateway.close()
  const { dataFolder } = both.gateway
  const again = await startBoth({ adminKey, budgets, dataFolder, upstreamUrl: both.upstream.url })
  const create = (path: string, body: object) =>
    ask(`${again.gateway.url}/admin/v1/${path}`, {
      method: 'POST',
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await create('budgets', { scope: 'workspace:default', limit: '1', window: 'total' })

  both.upstream.end(id, [`${succeeded('item-0')}\n`])
  await sendRequest(again.gateway, 'GET', `/v1/messages/batches/${id}/results`)
  // Budgets are read again from the ledger.
  await create('keys', { name: 'another' })

  await expect
    .poll(async () => (await readBudgets(again.gateway)).map(({ spent }) => spent), {
      interval: 200,
    })
    .toEqual(['0.01125', '0.01125'])
  await setTimeout(1_000)
  expect((await readBudgets(again.gateway)).map(({ spent }) => spent)).toEqual(['0.01125', '0.01125'])
})

test('what a batch holds survives a restart', async () => {
  const budgets = { budgets: [{ scope: 'organization', limit: '1', window: 'total' }] } as const
  const both = await startBoth({ adminKey, budgets })
  const id = await createBatch(both, { models: [opus] })
  const before = await readSpending(both.gateway)
  await both.gateway.close()

  const again = await startBoth({ adminKey, budgets, dataFolder: both.gateway.dataFolder })
  const after = await readBudget(again.gateway)

  expect(id).not.toBe('')
  expect(after.spent).toBe(before.spent)
})
