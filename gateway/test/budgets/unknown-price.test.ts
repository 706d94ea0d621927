import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import {
  batchBody,
  createBatch,
  sendRequest,
  startBoth,
  storedItems,
  succeeded,
} from '../resources/batches.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { opus } from '../samples.ts'

/** The catalog has no prices of this model. */
const model = 'claude-mythos-preview'

const fallback_price = { input: '10', output: '100' }
const hint = /fallback_price, or price of the upstream, in anthology\.yaml/

function start(given: StartOptions['budgets'], action: 'block' | 'warn' = 'block'): Promise<RunningGateway> {
  const emulator = createEmulator({ seed: 'unknown-price' })
  return startGateway({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
    budgets: { budgets: [{ scope: 'organization', limit: '10', window: 'day', action }], ...given },
  })
}

const messages = [{ role: 'user', content: 'Name a city.' }]
const vertex = `/v1/projects/p/locations/global/publishers/anthropic/models/${model}`
const bedrock = `/model/anthropic.${model}`
const bedrockBody = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 20, messages }
const vertexBody = { anthropic_version: 'vertex-2023-10-16', max_tokens: 20, messages }
const converseBody = {
  messages: [{ role: 'user', content: [{ text: 'Name a city.' }] }],
  inferenceConfig: { maxTokens: 20 },
}

const calls: readonly (readonly [protocol: string, path: string, body: object])[] = [
  ['Messages', '/v1/messages', { model, max_tokens: 20, messages }],
  ['Messages, streamed', '/v1/messages', { model, max_tokens: 20, messages, stream: true }],
  ['OpenAI', '/v1/chat/completions', { model, max_tokens: 20, messages }],
  ['OpenAI, streamed', '/v1/chat/completions', { model, max_tokens: 20, messages, stream: true }],
  ['Bedrock', `${bedrock}/invoke`, bedrockBody],
  ['Bedrock, streamed', `${bedrock}/invoke-with-response-stream`, bedrockBody],
  ['Converse', `${bedrock}/converse`, converseBody],
  ['Converse, streamed', `${bedrock}/converse-stream`, converseBody],
  ['Vertex', `${vertex}:rawPredict`, vertexBody],
  ['Vertex, streamed', `${vertex}:streamRawPredict`, { ...vertexBody, stream: true }],
]

async function callAll(gateway: RunningGateway) {
  const answers = []
  for (const [protocol, path, body] of calls) {
    const { status, text } = await ask(gateway.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        authorization: `Bearer ${localKey}`,
      },
      body: JSON.stringify(body),
    })
    answers.push({ protocol, status, text })
  }
  return answers
}

test('a blocking budget refuses a call whose price nobody knows at every protocol, and says what to do', async () => {
  const gateway = await start({})

  const answers = await callAll(gateway)

  for (const { protocol, status, text } of answers)
    expect({ protocol, status, text }).toEqual({ protocol, status: 400, text: expect.stringMatching(hint) })
  expect(gateway.rows()).toEqual([])
})

test('with a fallback price the same calls are served, and each costs what its tokens cost at that price', async () => {
  const gateway = await start({ fallback_price })

  const answers = await callAll(gateway)

  expect(answers.map(({ protocol, status }) => ({ protocol, status }))).toEqual(
    calls.map(([protocol]) => ({ protocol, status: 200 })),
  )
  const rows = gateway.rows()
  expect(rows).toHaveLength(calls.length)
  for (const row of rows) {
    const cost = Number(row['input_quantity']) * 10_000 + Number(row['output_quantity']) * 100_000
    expect(row).toMatchObject({ rate_card: 'fallback_price', cost_nano_usd: cost })
    expect(cost).toBeLessThanOrEqual(Number(row['hold_nano_usd']))
    expect(Number(row['output_quantity'])).toBeGreaterThan(0)
  }
})

test('a budget that only warns serves a call whose price nobody knows', async () => {
  const gateway = await start({}, 'warn')

  const answers = await callAll(gateway)

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(gateway.rows().map((row) => row['cost_nano_usd'])).toEqual(calls.map(() => null))
})

const total = [{ scope: 'organization', limit: '10', window: 'total' }] as const

test('a batch whose price nobody knows is refused, and counts with the fallback price', async () => {
  const refusing = await startBoth({ budgets: { budgets: total } })
  const pricing = await startBoth({ budgets: { budgets: total, fallback_price } })

  const refused = await sendRequest(refusing.gateway, 'POST', '/v1/messages/batches', {
    body: batchBody([model]),
  })
  const id = await createBatch(pricing, { models: [model] })
  pricing.upstream.end(id, [`${succeeded('item-0', { model, input: 10, output: 5 })}\n`])
  await sendRequest(pricing.gateway, 'GET', `/v1/messages/batches/${id}/results`)

  expect(refused).toMatchObject({ status: 400, text: expect.stringMatching(hint) })
  expect(refusing.upstream.requests).toEqual([])
  expect(pricing.gateway.rows()).toMatchObject([
    { rate_card: 'fallback_price', cost_nano_usd: 100_000 + 500_000 },
  ])
})

test.each(['a result without a usage', 'lost results'])(
  'a batch with %s counts with all that it holds',
  async (kind) => {
    const both = await startBoth({ limits: { sweepMs: 50 }, budgets: { budgets: total } })
    const { gateway, upstream } = both
    const id = await createBatch(both, { models: [opus, opus] })

    if (kind === 'lost results') upstream.lose(id)
    else upstream.end(id, [`${succeeded('item-0', { input: 10, output: 1 })}\n`, '{"custom_id":"item-1"}\n'])
    await until('it is settled', () => gateway.rows().length > 0 && isSettled(gateway))

    const rows = gateway.rows()
    const counted = rows.map((row) => Number(row['cost_nano_usd'] ?? row['hold_nano_usd'] ?? 0))
    expect(counted.reduce((sum, amount) => sum + amount, 0)).toBe(readHold(gateway))
    expect(rows.filter((row) => row['cost_nano_usd'] === null)).toHaveLength(1)
  },
)

function isSettled({ dataFolder }: RunningGateway): boolean {
  return storedItems({ dataFolder }).every(({ settled_at_ms }) => settled_at_ms !== null)
}

function readHold({ dataFolder }: RunningGateway): number {
  const database = openDatabase(dataFolder)
  const row = database.prepare('SELECT hold_nano_usd FROM resources').get()
  database.close()
  return Number(row?.['hold_nano_usd'])
}
