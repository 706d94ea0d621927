import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import { bedrockErrors, toBedrockError } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { getStatus } from '../../src/calls/classify-answer.ts'
import type { LogEntry } from '../../src/log.ts'
import { failureRules } from '../../src/routing/failure.ts'
import { startGateway, waitForLedger } from '../running-gateway.ts'
import type { LedgerRow, RunningGateway } from '../running-gateway.ts'
import { apis, call, getApi, getCallId, readErrorMessage } from './odd-answer-clients.ts'
import type { Api, Received } from './odd-answer-clients.ts'
import { createOddUpstream, getEncoding, getShape, oddAnswer } from './odd-upstream.ts'
import type { OddAnswer } from './odd-upstream.ts'

const batches = 200
const callsPerBatch = 50

test('10,000 odd answers of an upstream: client, ledger, log and metrics agree, and the client can read them', async () => {
  const { gateway, answers, findRow, log } = await start()
  const counts = new Map<string, number>()
  const asked = fc.record({ name: fc.constantFrom(...apis.keys()), odd: oddAnswer })
  let session = 0
  let costNanoUsd = 0

  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: callsPerBatch, maxLength: callsPerBatch }),
      async (batch) => {
        const calls = await Promise.all(
          batch.map(async ({ name, odd }) => {
            const api = getApi(name)
            session += 1
            const id = `session-${session}`
            answers.set(id, odd)
            const received = await call(gateway, api, id)
            answers.delete(id)
            return { api, odd, received }
          }),
        )
        waitForLedger(gateway.dataFolder)
        for (const { api, odd, received } of calls) {
          const callId = getCallId(received)
          const [row, entry] = [findRow(callId), log.get(callId)]
          explain({ api, odd, received, row, entry }, () => {
            expectAgreement(api, received, { row, entry })
            expectRightAnswer(api, odd, { received, row })
          })
          const series = `${api.protocol} ${row?.['outcome']} ${Math.trunc(received.status / 100)}xx`
          counts.set(series, (counts.get(series) ?? 0) + 1)
          costNanoUsd += Number(row?.['cost_nano_usd'])
        }
        expect(readCallCounts(gateway)).toEqual(counts)
        expect(sumMetric(gateway, 'anthology_cost_nano_usd_total')).toBe(costNanoUsd)
      },
    ),
    { numRuns: batches, endOnFailure: true },
  )
})

/** The row, the log and the metrics say what the client received. */
function expectAgreement(
  { protocol, stream, contentType, read }: Api,
  received: Received,
  { row, entry }: Records,
): void {
  const { status, headers } = received
  expect(row).toMatchObject({ status })
  expect(entry).toMatchObject({ status, outcome: row?.['outcome'], stop_reason: row?.['stop_reason'] })
  if (status === 200) {
    expect(headers['content-type']).toMatch(contentType)
    const seen = read(received)
    expect(row?.['outcome']).toBe(seen.isComplete ? 'answered' : 'upstream_aborted')
    // Converse reports the stop reason only at the end of a stream.
    if (seen.isComplete || row?.['stop_reason'] === null)
      expect(row?.['stop_reason'] !== null).toBe(seen.hasStopReason)
    if (seen.isComplete && seen.outputTokens !== null)
      expect(row?.['output_quantity']).toBe(seen.outputTokens)
    const cost = headers['x-anthology-cost-usd']
    if (cost !== undefined) expect(row?.['cost_nano_usd']).toBe(Math.round(Number(cost) * 1e9))
    expect(cost !== undefined).toBe(!stream)
    return
  }
  expect(row?.['stop_reason']).toBeNull()
  const because = entry?.['because'] ?? null
  if (because === null) {
    expect(row?.['outcome']).toBe('upstream_error')
    // The prompt may be billed where the upstream did not end the call in time, or where its model failed.
    const isEstimated = row?.['usage_source'] === 'estimated'
    if (!isEstimated) expect(row?.['usage_source']).toBeNull()
    expect([row?.['usage'] !== null, row?.['cost_nano_usd'] !== null]).toEqual([isEstimated, isEstimated])
    return
  }
  // An error of ours: the failure table names it.
  expect(readErrorMessage(protocol, received)).toBe(because)
  expect(phrases.some((phrase) => String(because).startsWith(`upstream 'odd' ${phrase}`))).toBe(true)
}

const phrases = Object.values(failureRules).flatMap(({ phrase }) => (phrase === '' ? [] : [phrase]))

/** The answer is the one that belongs to the upstream's. */
function expectRightAnswer(
  { protocol, stream }: Api,
  odd: OddAnswer,
  { received, row }: { readonly received: Received; readonly row: LedgerRow | undefined },
): void {
  const expected = classify(odd, stream)
  if (expected === 'either') return
  const outcome = row?.['outcome']
  if (expected === 'answered') return expect([received.status, outcome]).toEqual([200, 'answered'])
  expect(outcome).not.toBe('answered')
  if (expected === 'failure') return
  const { status, isRejected } = expected
  expect(outcome).toBe('upstream_error')
  if (!isRejected)
    expect(received.status).toBe(protocol === 'bedrock' ? toBedrockStatus(odd, status) : status)
  else if (protocol === 'messages' || protocol === 'openai') expect(received.status).toBe(502)
  else expect(received.status).toBe(protocol === 'bedrock' ? 424 : 503)
  // With an error status, the bytes of the upstream are passed on by the protocols that have its format.
  const isPassedOn = odd.status >= 400 && !isRejected && (protocol === 'messages' || protocol === 'vertex')
  if (!isPassedOn) expect(readErrorMessage(protocol, received)).toMatch(/\S/)
}

/** `either`: it depends on how much was decoded before the connection broke. */
function classify(odd: OddAnswer, stream: boolean): Expected {
  const { status, breaks } = odd
  const [shape, encoding] = [getShape(odd.shape), getEncoding(odd.encoding)]
  const isEmpty = shape.bytes.length === 0
  const isEventStream = /^text\/event-stream/i.test(odd.contentType ?? '')
  if (!encoding.isReadable)
    return isEmpty || (encoding.name === 'truncated' && isEventStream) ? 'either' : 'failure'
  if (status < 300 && breaks && isEventStream && stream)
    return shape.answers === 'stream' && encoding.name === 'none' && !shape.name.includes('blank line')
      ? 'answered'
      : 'either'
  if (breaks || (status >= 300 && status < 400)) return 'failure'
  const ofType = getStatus(shape.error?.type ?? null)
  const isAccountError = ofType === 401 || ofType === 403
  if (status >= 400) {
    const isShown = shape.error?.inStream === false || isEventStream
    const isRejected = status === 401 || status === 403 || (status < 500 && isAccountError && isShown)
    return { status, isRejected }
  }
  if (shape.answers === 'message' && !isEventStream && !stream) return 'answered'
  if (shape.answers === 'stream' && isEventStream && stream) return 'answered'
  const isFirst = shape.error?.followsPing !== true || !stream
  if (shape.error !== null && shape.error.inStream === isEventStream && isFirst)
    return { status: ofType, isRejected: isAccountError }
  return 'failure'
}

type Expected =
  | 'answered'
  | 'failure'
  | 'either'
  /** An error of the upstream, or one of ours because the upstream rejects the gateway's account. */
  | { readonly status: number; readonly isRejected: boolean }

/** Bedrock's status for an error; the body's type, where it has one, decides before the status. */
function toBedrockStatus(odd: OddAnswer, status: number): number {
  const isEventStream = /^text\/event-stream/i.test(odd.contentType ?? '')
  const { error } = getShape(odd.shape)
  const isShown = error !== null && (!error.inStream || isEventStream)
  const named = isShown && error.type !== '' ? error.type : null
  return bedrockErrors[toBedrockError({ status, type: named, message: '' }).type].status
}

interface Records {
  readonly row: LedgerRow | undefined
  readonly entry: LogEntry | undefined
}

/** Adds the call to the error of a failed expectation. */
function explain(
  { api, odd, received, row, entry }: Records & { api: Api; odd: OddAnswer; received: Received },
  check: () => void,
): void {
  try {
    check()
  } catch (error) {
    const { status, headers, body } = received
    const text = body.toString().slice(0, 2_000)
    const stored = { outcome: row?.['outcome'], status: row?.['status'], stop_reason: row?.['stop_reason'] }
    throw new Error(
      JSON.stringify({ api: api.name, ...odd, status, headers, text, stored, entry }, null, 1),
      {
        cause: error,
      },
    )
  }
}

async function start() {
  const answers = new Map<string, OddAnswer>()
  const log = new Map<string, LogEntry>()
  const gateway = await startGateway({
    accounts: [{ name: 'odd', platform: 'anthropic', upstream: createOddUpstream(answers), secrets: [] }],
    log: (entry) => log.set(String(entry['call']), entry),
    limits: { concurrentCalls: callsPerBatch },
  })
  const database = new DatabaseSync(join(gateway.dataFolder, 'anthology.sqlite'), { readOnly: true })
  onTestFinished(() => database.close())
  const statement = database.prepare('SELECT * FROM all_calls WHERE id = ?')
  // Every column is TEXT or INTEGER, and the test uses small integers.
  const findRow = (id: string) => statement.get(id) as LedgerRow | undefined
  return { gateway, answers, log, findRow }
}

function sumMetric(gateway: RunningGateway, wanted: string): number {
  const metric = gateway.metrics().find(({ name }) => name === wanted)
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0)
}

/** The calls by protocol, outcome and class of the status. */
function readCallCounts(gateway: RunningGateway): ReadonlyMap<string, number> {
  const metric = gateway.metrics().find(({ name }) => name === 'anthology_calls_total')
  const counts = new Map<string, number>()
  for (const { labels, value } of metric?.values ?? []) {
    const series = `${labels['protocol']} ${labels['outcome']} ${labels['status']}`
    counts.set(series, (counts.get(series) ?? 0) + value)
  }
  return counts
}
