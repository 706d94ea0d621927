import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { RejectionCounts } from '../../src/ledger/rejected-calls.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, message, opus } from '../samples.ts'

test('counts the calls of a key that were rejected before an upstream was called, by error code', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    rates: { default: { requests_per_minute: 1 } },
  })

  await gateway.post(callBody)
  await gateway.post(callBody)
  await gateway.post(callBody)
  await gateway.post('{}')
  await gateway.post(callBody.replace(opus, 'claude-opus-9'))
  // Neither a free call nor a call without a key counts.
  await gateway.post('{}', { path: '/v1/messages/count_tokens' })
  await gateway.post(callBody, { headers: { 'x-api-key': 'nobody' } })
  await gateway.close()

  expect(readRejectedCalls(gateway.dataFolder)).toEqual([
    { key_id: 'key_local', code: 'bad_request', calls: 1 },
    { key_id: 'key_local', code: 'rate_limited', calls: 2 },
    { key_id: 'key_local', code: 'unknown_model', calls: 1 },
  ])
  expect(gateway.rows()).toHaveLength(1)
})

test('a call that an upstream answered with an error is a call, not a rejected one', async () => {
  const error = '{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'
  const upstream = await startUpstream(plain(error, { status: 400 }))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  await gateway.close()

  expect(readRejectedCalls(gateway.dataFolder)).toEqual([])
  expect(gateway.rows()).toHaveLength(1)
})

test('counts the requests for batches and files that were rejected before an upstream was called', async () => {
  const error = '{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'
  const upstream = await startUpstream(plain(error, { status: 400 }))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const request = { custom_id: 'one', params: JSON.parse(callBody) as unknown }
  const unknown = { custom_id: 'one', params: { model: 'claude-opus-9' } }
  const [batches, files] = ['/v1/messages/batches', '/v1/files']

  await gateway.post('{"requests":[]}', { path: batches })
  await gateway.post(JSON.stringify({ requests: [unknown, unknown] }), { path: batches })
  await gateway.post('{}', { path: batches, headers: { 'anthropic-version': undefined } })
  await gateway.post('', { path: `${batches}/msgbatch_other/cancel` })
  await gateway.post('{}', { path: files })
  // Neither a request that an upstream rejected nor one without a key counts.
  await gateway.post(JSON.stringify({ requests: [request] }), { path: batches })
  await gateway.post('{}', { path: files, headers: { 'x-api-key': 'nobody' } })
  await gateway.close()

  expect(upstream.requests).toHaveLength(1)
  expect(readRejectedCalls(gateway.dataFolder)).toEqual([
    { key_id: 'key_local', code: 'bad_request', calls: 3 },
    { key_id: 'key_local', code: 'unknown_model', calls: 1 },
    { key_id: 'key_local', code: 'unknown_resource', calls: 1 },
  ])
})

test('sums a flood of rejections to one row for each key, day and code', () => {
  const counts = new RejectionCounts()
  const midnightMs = Date.UTC(2026, 10, 29)

  for (let call = 0; call < 10_000; call += 1) counts.add('key_1', 'rate_limited', midnightMs - 5_000 + call)

  expect(counts.take()).toEqual([
    { day: '2026-11-28', key_id: 'key_1', code: 'rate_limited', calls: 5_000 },
    { day: '2026-11-29', key_id: 'key_1', code: 'rate_limited', calls: 5_000 },
  ])
  expect(counts.take()).toEqual([])
})

function readRejectedCalls(dataFolder: string): readonly unknown[] {
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true })
  try {
    return database.prepare('SELECT key_id, code, calls FROM rejected_calls ORDER BY code').all()
  } finally {
    database.close()
  }
}
