import { expect, test } from 'vitest'

import { runAnthology } from '../anthology-process.ts'
import { startServed } from './rig.ts'
import type { Served } from './rig.ts'
import { createClient, newestSdk, sdk060, getStatus } from './sdks.ts'

/**
 * Prices in USD per million tokens, as the pricing table of the Models overview page printed them in
 * August 2025: base input, 5m cache writes, 1h cache writes, cache hits and refreshes, output.
 */
const prices: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  'claude-opus-4-1-20250805': ['15', '18.75', '30', '1.50', '75'],
  'claude-opus-4-20250514': ['15', '18.75', '30', '1.50', '75'],
  'claude-sonnet-4-20250514': ['3', '3.75', '6', '0.30', '15'],
  'claude-3-7-sonnet-20250219': ['3', '3.75', '6', '0.30', '15'],
  'claude-3-5-sonnet-20241022': ['3', '3.75', '6', '0.30', '15'],
  'claude-3-5-haiku-20241022': ['0.80', '1', '1.6', '0.08', '4'],
  'claude-3-opus-20240229': ['15', '18.75', '30', '1.50', '75'],
  'claude-3-haiku-20240307': ['0.25', '0.30', '0.50', '0.03', '1.25'],
}

test('has the cost of every model of the page, to the nano-dollar, as soon as the response ends', async () => {
  const server = await startServed()

  const calls = await callEveryModel(server)

  const report = await readUsage(server, [])
  for (const model of Object.keys(prices)) {
    const ofModel = calls.filter((call) => call.model === model)
    const row = report.rows.find((candidate) => candidate['model'] === model)
    expect(row).toMatchObject({
      calls: 2,
      input_tokens: Number(computeSum(ofModel, (call) => call.usage.input)),
      output_tokens: Number(computeSum(ofModel, (call) => call.usage.output)),
      unpriced_calls: 0,
    })
    expect(nanoUsd(row?.['cost_usd'])).toBe(computeSum(ofModel, (call) => call.costNanoUsd))
  }
  expect(report.rows).toHaveLength(Object.keys(prices).length)
  expect(report.total.calls).toBe(calls.length)
  expect(nanoUsd(report.total.cost_usd)).toBe(computeSum(calls, (call) => call.costNanoUsd))
})

test('has the same total by key and by day', async () => {
  const server = await startServed()

  const calls = await callEveryModel(server)

  const byKey = await readUsage(server, ['--by', 'key'])
  const costs = byKey.rows.map((row) => [row['key'], nanoUsd(row['cost_usd'])])
  const getCostKey = (key: string): bigint =>
    computeSum(
      calls.filter((call) => call.keyId === key),
      (call) => call.costNanoUsd,
    )
  const keys = [...new Set(calls.map((call) => call.keyId))]
  expect(keys).toHaveLength(2)
  expect(Object.fromEntries(costs)).toEqual(Object.fromEntries(keys.map((key) => [key, getCostKey(key)])))

  const byDay = await readUsage(server, ['--by', 'day'])
  expect(byDay.rows.map((row) => row['day'])).toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\d$/))
  for (const report of [byKey, byDay]) {
    const total = computeSum(calls, (call) => call.costNanoUsd)
    expect(nanoUsd(report.total.cost_usd)).toBe(total)
    expect(computeSum(report.rows, (row) => nanoUsd(row['cost_usd']))).toBe(total)
    expect(computeSum(report.rows, (row) => BigInt(Number(row['calls'])))).toBe(BigInt(calls.length))
  }
})

test('has a row for every call, under the request id that the client got', async () => {
  const server = await startServed()

  const calls = await callEveryModel(server)

  const rows = await readCalls(server)
  expect(rows).toHaveLength(calls.length)
  for (const call of calls) {
    const row = rows.find(({ id }) => id === call.requestId)
    expect(row).toMatchObject({
      model: call.model,
      key_id: call.keyId,
      streamed: call.streamed,
      outcome: 'answered',
      status: 200,
    })
    expect(nanoUsd(row?.['cost_usd'])).toBe(call.costNanoUsd)
  }
})

test('sends the cost of a plain response in its headers', async () => {
  const server = await startServed()

  const calls = await callEveryModel(server)

  const plain = calls.filter(({ streamed }) => !streamed)
  expect(plain).toHaveLength(Object.keys(prices).length)
  for (const call of plain) expect(nanoUsd(call.costHeader)).toBe(call.costNanoUsd)
})

test('keeps the session and agent ids that a client sent', async () => {
  const server = await startServed()
  const ids = {
    'X-Claude-Code-Session-Id': '7d1a4c52-3b0e-4a53-9f5e-0d2f6f1c9a11',
    'x-claude-code-agent-id': 'agent-reviewer',
    'x-claude-code-parent-agent-id': 'agent-lead',
  }

  const withIds = await createClient(newestSdk, server, ids).messages.create(ask('claude-sonnet-4-0'))
  const without = await createClient(newestSdk, server).messages.create(ask('claude-sonnet-4-0'))

  const rows = await readCalls(server)
  expect(rows.find(({ id }) => id === withIds._request_id)).toMatchObject({
    session_id: '7d1a4c52-3b0e-4a53-9f5e-0d2f6f1c9a11',
    agent_id: 'agent-reviewer',
    parent_agent_id: 'agent-lead',
  })
  expect(rows.find(({ id }) => id === without._request_id)).toMatchObject({
    session_id: null,
    agent_id: null,
    parent_agent_id: null,
  })
})

test('charges nothing for counting tokens and for rejected calls', async () => {
  const server = await startServed()
  const client = createClient(newestSdk, server)
  const { max_tokens: _, ...countable } = ask('claude-opus-4-1')

  await client.messages.countTokens(countable)
  await expect(client.messages.create(ask('claude-opus-9'))).rejects.toThrow('not_found_error')
  await expect(
    client.messages.create({ ...ask('claude-3-haiku-20240307'), max_tokens: 4_097 }),
  ).rejects.toThrow('max_tokens: 4097 > 4096')

  const report = await readUsage(server, [])
  expect(nanoUsd(report.total.cost_usd)).toBe(0n)
})

interface MadeCall {
  readonly model: string
  readonly keyId: string
  readonly streamed: boolean
  readonly requestId: string
  readonly usage: { readonly input: bigint; readonly output: bigint }
  /** The cost of the client's reported usage at the page's prices. */
  readonly costNanoUsd: bigint
  readonly costHeader: string | null
}

/** For every model, a plain call with one SDK and key, and a streamed one with another. */
async function callEveryModel(server: Served): Promise<readonly MadeCall[]> {
  const made = (await runAnthology(['keys', 'create', '--data', server.dataFolder], server.dataFolder)) as {
    id: string
    key: string
  } // What `keys create --json` prints.
  const plain = createClient(newestSdk, server)
  const streaming = createClient(sdk060, { ...server, key: made.key })
  // A running server reads new keys a few times a second.
  await expect.poll(() => getStatus(streaming.models.list()), { timeout: 10_000 }).toBe(200)
  const calls: MadeCall[] = []
  for (const model of Object.keys(prices)) {
    const { data, response, request_id: requestId } = await plain.messages.create(ask(model)).withResponse()
    const costHeader = response.headers.get('x-anthology-cost-usd')
    calls.push(describeCall(data, { requestId, keyId: 'local', streamed: false, costHeader }))
    const stream = streaming.messages.stream(ask(model))
    const message = await stream.finalMessage()
    calls.push(
      describeCall(message, {
        requestId: stream.request_id,
        keyId: made.id,
        streamed: true,
        costHeader: null,
      }),
    )
  }
  return calls
}

interface CallContext extends Pick<MadeCall, 'keyId' | 'streamed' | 'costHeader'> {
  readonly requestId: string | null | undefined
}

function describeCall(message: { model: string; usage: Usage }, context: CallContext): MadeCall {
  const { model, usage } = message
  return {
    ...context,
    model,
    requestId: String(context.requestId),
    usage: { input: BigInt(usage.input_tokens), output: BigInt(usage.output_tokens) },
    costNanoUsd: computeCost(model, usage),
  }
}

interface Usage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens: number | null
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number
    readonly ephemeral_1h_input_tokens: number
  } | null
}

/** All prices of the page are whole nano-dollars per token, so nothing is rounded. */
function computeCost(model: string, usage: Usage): bigint {
  const figures = prices[model]
  if (figures === undefined) throw new Error(`the page has no price for ${model}`)
  const quantities = [
    usage.input_tokens,
    usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    usage.cache_read_input_tokens ?? 0,
    usage.output_tokens,
  ]
  const pico = quantities.reduce(
    (sum, tokens, index) => sum + BigInt(tokens) * picoUsd(figures[index] ?? ''),
    0n,
  )
  expect(pico % 1_000n).toBe(0n)
  return pico / 1_000n
}

/** A dollar per million tokens is a million pico-dollars per token. */
function picoUsd(usdPerMillion: string): bigint {
  return readDecimal(usdPerMillion, 6)
}

function nanoUsd(text: unknown): bigint {
  return readDecimal(text, 9)
}

function readDecimal(text: unknown, places: number): bigint {
  const [, whole = '', decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(text)) ?? []
  expect(whole, `${String(text)} is a decimal number`).not.toBe('')
  expect(decimals.length).toBeLessThanOrEqual(places)
  return BigInt(whole + decimals.padEnd(places, '0'))
}

function ask(model: string) {
  return {
    model,
    max_tokens: 300,
    messages: [{ role: 'user' as const, content: 'How do tides come about?' }],
  }
}

interface Report {
  readonly total: { readonly calls: number; readonly cost_usd: string }
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

async function readUsage({ dataFolder }: Served, args: readonly string[]): Promise<Report> {
  // The output of `usage --json`.
  return (await runAnthology(['usage', ...args, '--data', dataFolder], dataFolder)) as Report
}

async function readCalls({ dataFolder }: Served): Promise<readonly Readonly<Record<string, unknown>>[]> {
  // The output of `usage --calls --json`.
  return (await runAnthology(
    ['usage', '--calls', '--limit', '100', '--data', dataFolder],
    dataFolder,
  )) as Record<string, unknown>[]
}

function computeSum<Item>(items: readonly Item[], pick: (item: Item) => bigint): bigint {
  return items.reduce((sum, item) => sum + pick(item), 0n)
}
