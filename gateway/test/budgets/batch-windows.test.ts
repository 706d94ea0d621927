import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { until } from '../condition.ts'
import { ask, open } from '../http-client.ts'
import { batchBody, createBatch, sendRequest, startBoth, succeeded } from '../resources/batches.ts'
import type { Both } from '../resources/batches.ts'
import { startGateway, usual } from '../running-gateway.ts'
import { openStream, startUpstream } from '../recording-upstream.ts'
import { events, messageCostNanoUsd, opus, streamBody } from '../samples.ts'

const adminKey = 'the-admin-key-of-the-tests'

interface ShownBudget {
  readonly spent: string
  readonly held: string
  readonly resets_at: string
}

async function readBudget({ url }: { readonly url: string }): Promise<ShownBudget> {
  const { text } = await ask(`${url}/admin/v1/budgets`, { headers: { 'x-api-key': adminKey } })
  const [budget] = (JSON.parse(text) as { data: ShownBudget[] }).data // A page of budgets.
  if (budget === undefined) throw new Error(text)
  return budget
}

test('a stream over the end of a day on which the clocks change counts in the day in which it began', async () => {
  // In Berlin this day has 25 hours, from 24 October, 22:00 UTC, to 25 October, 23:00 UTC.
  let nowMs = Date.parse('2026-10-25T21:59:00Z')
  const upstream = await startUpstream(openStream(events.slice(0, 5)))
  const gateway = await startGateway({
    adminKey,
    upstreamUrl: upstream.url,
    nowMs: () => nowMs,
    budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'day', timezone: 'Europe/Berlin' }] },
  })
  const begin = async () => {
    const { response } = await open(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: usual,
      body: streamBody,
    })
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    await until('the stream runs', () => text.includes('message_start'))
    return { end: () => until('it has ended', () => response.complete && text.includes('message_stop')) }
  }

  const first = await begin()
  // The 25th hour: without the change of the clocks it would be the next day.
  nowMs = Date.parse('2026-10-25T22:30:00Z')
  const second = await begin()
  const during = await readBudget(gateway)
  nowMs = Date.parse('2026-10-25T23:00:30Z')
  const nextDay = await readBudget(gateway)
  for (const { response } of upstream.requests) response.end(events.slice(5).join(''))
  await Promise.all([first.end(), second.end()])
  await until(
    'both have ended',
    () => gateway.rows().filter(({ outcome }) => outcome === 'answered').length === 2,
  )
  const after = await readBudget(gateway)
  nowMs = Date.parse('2026-10-25T22:59:59Z')
  const dayBefore = await readBudget(gateway)

  expect(during).toMatchObject({ spent: '0.00', resets_at: '2026-10-25T23:00:00Z' })
  expect(Number(during.held)).toBeGreaterThan(0.01)
  const empty = { spent: '0.00', held: '0.00', resets_at: '2026-10-26T23:00:00Z' }
  expect([nextDay, after]).toMatchObject([empty, empty])
  expect(dayBefore).toMatchObject({ spent: String((2 * messageCostNanoUsd) / 1e9), held: '0.00' })
})

test('a batch counts in the window in which it was created, also if it is settled later', async () => {
  let nowMs = Date.parse('2026-11-29T23:59:00Z')
  const budgets = { budgets: [{ scope: 'organization', limit: '0.0015', window: 'day' }] } as const
  const both = await startBoth({ adminKey, nowMs: () => nowMs, budgets })
  const id = await createBatch(both, { models: [opus] })
  const refused = await tryBatch(both)
  nowMs = Date.parse('2026-11-30T00:01:00Z')

  const atStart = await readBudget(both.gateway)
  await createBatch(both, { models: [opus] })
  const full = await tryBatch(both)
  both.upstream.end(id, [`${succeeded('item-0', { input: 10, output: 1 })}\n`])
  await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)
  // The costs of yesterday make no room for today.
  const stillFull = await tryBatch(both)
  nowMs = Date.parse('2026-11-29T23:59:59Z')
  const yesterday = await readBudget(both.gateway)

  expect([refused, full, stillFull]).toEqual([429, 429, 429])
  expect(atStart).toMatchObject({ spent: '0.00', held: '0.00' })
  expect(yesterday).toMatchObject({ spent: '0.0001125' })
})

test('batches of more than a limit that was lowered keep what they hold, and none is created until they fit', async () => {
  const both = await startBoth({ adminKey })
  const admin = (method: string, path: string, body: object) =>
    ask(`${both.gateway.url}/admin/v1${path}`, {
      method,
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const budget = { scope: 'organization', window: 'total' }
  const { text } = await admin('POST', '/budgets', { ...budget, limit: '1' })
  const { id } = JSON.parse(text) as { id: string }
  // It counts from half a second after its creation on.
  await setTimeout(600)
  const ids = [await createBatch(both), await createBatch(both), await createBatch(both)]
  await admin('PATCH', `/budgets/${id}`, { limit: '0.0025' })
  const statuses: number[] = []
  for (const batch of ids) {
    statuses.push(await tryBatch(both))
    both.upstream.end(batch, [`${succeeded('item-0', { input: 10, output: 1 })}\n`])
    await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${batch}/results`)
  }

  expect(statuses).toEqual([429, 429, 200])
})

async function tryBatch({ gateway }: Both): Promise<number> {
  return (await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })).status
}
