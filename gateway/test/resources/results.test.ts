import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { until } from '../condition.ts'
import { scrape } from '../telemetry/scrape.ts'
import { open } from '../http-client.ts'
import { expectEnvelope } from '../api-errors.ts'
import { httpAccount, startGateway, usual } from '../running-gateway.ts'
import { opus } from '../samples.ts'
import {
  createBatch,
  errored,
  haiku,
  otherKey,
  startBoth,
  storedItems,
  succeeded,
  succeededNanoUsd,
  sendRequest,
} from './batches.ts'
import type { Both } from './batches.ts'
import { startKeepingUpstream } from './keeping-upstream.ts'

test("meters the sum of the results' usage at every split point", async () => {
  const both = await startBoth()
  await fc.assert(
    fc.asyncProperty(resultFiles, async ({ results, ends, cuts }) => {
      const before = spent(both)
      const id = await createBatch(both, { models: [opus, haiku] })
      const file = Buffer.from(
        results.map((result, at) => resultText(result, at) + (ends[at] ?? '\n')).join(''),
      )
      both.upstream.end(id, cutUp(file, cuts))

      const answer = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)

      expect(answer.body.equals(file)).toBe(true)
      expect(spent(both) - before).toBe(results.reduce((total, result) => total + byHand(result), 0))
      expect(both.gateway.rows().filter((row) => String(row['id']).startsWith(`${id}/`))).toHaveLength(
        results.filter(({ kind }) => kind === 'succeeded').length,
      )
    }),
    { numRuns: 40 },
  )
})

test("prices results by the upstream's own names of the batch's models, and leaves the price of a name that nobody knows open", async () => {
  const upstream = await startKeepingUpstream()
  const models = new Map([
    [opus, 'house-large'],
    [haiku, 'house-small'],
  ])
  const gateway = await startGateway({ accounts: [{ ...httpAccount(upstream.url), models }] })
  const names = ['house-large', 'house-small', 'house-medium']
  const results = names.map((model, at) => `${succeeded(`item-${at}`, { model })}\n`)

  await readResults({ gateway, upstream }, results, [opus, haiku])

  expect(gateway.rows().map((row) => [row['model'], row['requested_model'], row['cost_nano_usd']])).toEqual([
    [opus, opus, succeededNanoUsd],
    [haiku, haiku, 1_000 * 125 + 100 * 625],
    ['house-medium', 'house-medium', null],
  ])
})

test.each([
  ['CRLF', `${succeeded('a')}\r\n${errored}\r\n${succeeded('b')}\r\n`],
  ['no newline at the end', `${succeeded('a')}\n${succeeded('b')}`],
  ['blank lines', `\n \n${succeeded('a')}\n\r\n\t\n${succeeded('b')}\n\n`],
])('reads results with %s', async (_, results) => {
  const both = await startBoth()

  const { id, answer } = await readResults(both, [results])

  expect(answer.text).toBe(results)
  expect(both.gateway.rows().map(({ id: row, cost_nano_usd: cost }) => [row, cost])).toEqual([
    [`${id}/a`, succeededNanoUsd],
    [`${id}/b`, succeededNanoUsd],
  ])
})

test.each([
  ['a broken line', '{"custom_id":"x","result":{"type":"succeeded","mess'],
  ['a line that is no object', '[]'],
  ['a line with a member twice', '{"custom_id":"x","custom_id":"y","result":{"type":"errored"}}'],
  ['a result of an unknown type', '{"custom_id":"x","result":{"type":"half"}}'],
  ['bytes that are no text', '\u0000\u0001'],
])('forwards %s, meters the others, and logs that it has no price', async (_, line) => {
  const both = await startBoth()
  const results = `${succeeded('a')}\n${line}\n${succeeded('b')}\n`

  const { id, answer } = await readResults(both, [results])

  expect(answer.text).toBe(results)
  expect(both.gateway.rows()).toMatchObject([
    { id: `${id}/a`, cost_nano_usd: succeededNanoUsd },
    {
      id: `${id}/#2`,
      cost_nano_usd: null,
      model: opus,
      unpriced_because: expect.stringMatching(/line|type/),
    },
    { id: `${id}/b`, cost_nano_usd: succeededNanoUsd },
  ])
  expect(both.gateway.log).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'result_unmetered', batch: id, line: 2 }),
  )
})

test('writes a row without a price for a result whose usage or model it cannot price', async () => {
  const both = await startBoth()
  const results = [
    succeeded('a').replace('"input_tokens":1000', '"input_tokens":"many"'),
    succeeded('b').replace(/,"usage":\{[^}]*\}/, ''),
    succeeded('c', { model: 'somebodys-own' }),
  ]

  const { id } = await readResults(both, [results.join('\n')], [opus, haiku])

  expect(
    both.gateway
      .rows()
      .map((row) => [row['id'], row['model'], row['cost_nano_usd'], row['unpriced_because']]),
  ).toEqual([
    [`${id}/a`, opus, null, expect.stringContaining('input_tokens')],
    [`${id}/b`, opus, null, 'the result has no usage'],
    [`${id}/c`, 'somebodys-own', null, 'the model of the result is not in the catalog'],
  ])
})

test('logs how many results of a settled batch have no price, or one without a part of their usage', async () => {
  const both = await startBoth()
  const results = [
    succeeded('a'),
    succeeded('b').replace(/,"usage":\{[^}]*\}/, ''),
    succeeded('c').replace('"service_tier"', '"server_tool_use":{"odd_requests":2},"service_tier"'),
    'a broken line',
    errored,
  ]

  await readResults(both, [results.join('\n')])

  const settled = both.gateway.log.find(({ event }) => event === 'batch_settled')
  expect(settled).toMatchObject({ succeeded: 3, unreadable: 1, unpriced: 3, cost_usd: '0.0225' })
  expect(both.gateway.rows().filter((row) => row['unpriced_because'] !== null)).toHaveLength(3)
})

test('prices an unknown name as the only model of the batch', async () => {
  const both = await startBoth()

  await readResults(both, [succeeded('a', { model: 'opus-as-they-say' })])

  expect(both.gateway.rows()).toMatchObject([{ model: opus, cost_nano_usd: succeededNanoUsd }])
})

test('meters a line of 20 MB', async () => {
  const both = await startBoth()
  const long = Buffer.from(`${succeeded('long', { text: 'x'.repeat(20_000_000) })}\n${succeeded('b')}\n`)

  const { answer } = await readResults(both, [long])

  expect(answer.body.equals(long)).toBe(true)
  expect(spent(both)).toBe(2 * succeededNanoUsd)
})

test('forwards a line above the limit without buffering it, and logs that it has no price', async () => {
  const both = await startBoth({ limits: { plainAnswerBytes: 2_000 } })
  const results = `${succeeded('a')}\n${succeeded('long', { text: 'x'.repeat(100_000) })}\n${succeeded('b')}\n`

  const { id, answer } = await readResults(both, [results])

  expect(answer.text).toBe(results)
  expect(both.gateway.rows().map((row) => row['id'])).toEqual([`${id}/a`, `${id}/#2`, `${id}/b`])
  expect((await scrape(both.gateway)).get('anthology_limit_reached_total{name="plain_answer_bytes"}')).toBe(1)
})

test('pauses the upstream while the ledger is busy', async () => {
  const both = await startBoth()
  const lines = Array.from({ length: 5_000 }, (_, at) => `${succeeded(`item-${at}`)}\n`)

  const { answer } = await readResults(both, lines)

  expect(answer.text).toBe(lines.join(''))
  expect(spent(both)).toBe(5_000 * succeededNanoUsd)
})

test('writes all rows before the last byte is sent', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  const lines = Array.from({ length: 20 }, (_, at) => `${succeeded(`item-${at}`)}\n`)
  both.upstream.end(id, lines)

  const { response } = await open(`${both.gateway.url}/v1/messages/batches/${id}/results`, { headers: usual })
  let received = 0
  let seen: unknown = null
  for await (const chunk of response) {
    received += String(chunk).length
    if (received === lines.join('').length)
      seen = [both.gateway.rows().length, storedItems(both.gateway)[0]?.settled_at_ms !== null]
  }

  expect(seen).toEqual([20, true])
})

test('aborts a response where the upstream does, and settles the batch by a later one', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  const path = `/v1/messages/batches/${id}/results`
  let dying = true
  both.upstream.before(/results$/, () => {
    if (dying)
      both.upstream.requests
        .at(-1)
        ?.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${succeeded('a')}\n`)
    if (dying) both.upstream.requests.at(-1)?.socket.end()
  })
  both.upstream.end(id, [`${succeeded('a')}\n${succeeded('b')}\n`])

  await expect(sendRequest(both.gateway, 'GET', path)).rejects.toMatchObject({ code: 'ECONNRESET' })
  const unsettled = storedItems(both.gateway)[0]?.settled_at_ms
  dying = false
  const answer = await sendRequest(both.gateway, 'GET', path)

  expect(unsettled).toBeNull()
  expect(answer.status).toBe(200)
  expect(spent(both)).toBe(2 * succeededNanoUsd)
})

test('aborts the upstream request when the client disconnects, and leaves the batch unsettled', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  let upstreamClosed = false
  both.upstream.before(/results$/, async () => {
    const request = both.upstream.requests.at(-1)
    request?.socket.once('close', () => (upstreamClosed = true))
    request?.response.writeHead(200)
    request?.response.write(`${succeeded('a')}\n${succeeded('b')}\n`)
    request?.response.write(`${succeeded('c')}\n`)
    await new Promise(() => {})
  })
  both.upstream.end(id, [])

  const { response, sent } = await open(`${both.gateway.url}/v1/messages/batches/${id}/results`, {
    headers: usual,
  })
  response.on('error', () => {})
  sent.destroy()

  await until('the upstream request is aborted', () => upstreamClosed)
  expect(storedItems(both.gateway)[0]?.settled_at_ms).toBeNull()
})

test('settles concurrent batches of two keys, each for its key', async () => {
  const both = await startBoth()
  const ids: { id: string; key?: string }[] = []
  for (let at = 0; at < 10; at += 1) {
    const key = at % 2 === 0 ? {} : { key: otherKey }
    ids.push({ id: await createBatch(both, key), ...key })
  }
  for (const { id } of ids) both.upstream.end(id, [`${succeeded('a')}\n`, succeeded('b')])

  await Promise.all(
    ids.map(({ id, key }) =>
      sendRequest(
        both.gateway,
        'GET',
        `/v1/messages/batches/${id}/results`,
        key === undefined ? {} : { key },
      ),
    ),
  )

  const rows = both.gateway.rows()
  expect(rows).toHaveLength(20)
  expect(rows.filter((row) => row['key_id'] === 'key_other')).toHaveLength(10)
})

test('deletes no unread results while the database takes no rows, and settles later', async () => {
  const both = await startBoth({ limits: { sweepMs: 50 } })
  const id = await createBatch(both)
  const change = (statement: string) => {
    const database = openDatabase(both.gateway.dataFolder)
    database.exec(statement)
    database.close()
  }
  change("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  const lines = Array.from({ length: 3_000 }, (_, at) => `${succeeded(`item-${at}`)}\n`)
  both.upstream.end(id, lines)

  const answer = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)
  const deleted = await sendRequest(both.gateway, 'DELETE', `/v1/messages/batches/${id}`)
  change('DROP TRIGGER broken')
  await until('the batch is settled', () => storedItems(both.gateway)[0]?.settled_at_ms !== null, 60_000)

  expect(answer.text).toBe(lines.join(''))
  expectEnvelope(deleted, { status: 503, type: 'api_error', says: /the ledger/ })
  expect(both.upstream.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
  expect(spent(both)).toBe(3_000 * succeededNanoUsd)
}, 90_000)

interface Result {
  readonly kind: 'succeeded' | 'errored' | 'canceled' | 'expired'
  readonly model: string
  readonly input: number
  readonly output: number
  readonly text: string
}

const result: fc.Arbitrary<Result> = fc.record({
  kind: fc.constantFrom('succeeded', 'succeeded', 'errored', 'canceled', 'expired'),
  model: fc.constantFrom(opus, haiku),
  input: fc.nat({ max: 1_000_000 }),
  output: fc.nat({ max: 100_000 }),
  text: fc.constantFrom('', '\\n', '\\"usage\\":{\\"input_tokens\\":7}', 'Grüße 😀', '}\\u007d'),
})

const resultFiles = fc.record({
  results: fc.array(result, { maxLength: 8 }),
  ends: fc.array(fc.constantFrom('\n', '\r\n', '\n\n'), { minLength: 8, maxLength: 8 }),
  cuts: fc.array(fc.nat({ max: 4_000 }), { maxLength: 12 }),
})

function resultText({ kind, ...parts }: Result, at: number): string {
  const id = `item-${at}`
  return kind === 'succeeded' ? succeeded(id, parts) : `{"custom_id":"${id}","result":{"type":"${kind}"}}`
}

/** Half of $15 and $75 per million tokens for Opus 4.1; for Haiku 3 the page lists $0.125 and $0.625. */
function byHand({ kind, model, input, output }: Result): number {
  if (kind !== 'succeeded') return 0
  return model === opus ? input * 7_500 + output * 37_500 : input * 125 + output * 625
}

function cutUp(file: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [0, ...cuts.map((cut) => cut % (file.length + 1)).toSorted((a, b) => a - b), file.length]
  return borders.slice(1).map((end, at) => file.subarray(borders[at], end))
}

function spent({ gateway }: Both): number {
  return gateway.rows().reduce((total, row) => total + Number(row['cost_nano_usd'] ?? 0), 0)
}

async function readResults(both: Both, chunks: readonly (string | Uint8Array)[], models = [opus]) {
  const id = await createBatch(both, { models })
  both.upstream.end(id, chunks)
  return { id, answer: await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`) }
}
