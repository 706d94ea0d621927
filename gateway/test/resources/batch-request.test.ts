import { expect, test } from 'vitest'

import { readEnvelope } from '../http-client.ts'
import { expectEnvelope } from '../api-errors.ts'
import { opus } from '../samples.ts'
import { batchBody, folderWithKey, haiku, startBoth, storedItems, sendRequest } from './batches.ts'

test('rejects the whole batch for a model that the key may not use, and names the request', async () => {
  const { dataFolder, secret } = folderWithKey([haiku])
  const { gateway, upstream } = await startBoth({ dataFolder })

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    key: secret,
    body: batchBody([haiku, opus]),
  })

  expectEnvelope(answer, {
    status: 403,
    type: 'permission_error',
    says: /^requests\.1\.params\.model: this key cannot use claude-opus-4-1/,
  })
  expect(upstream.requests).toEqual([])
})

test.each([
  [
    'a model that has no price today',
    batchBody([opus, 'claude-mythos-preview']),
    400,
    /^requests\.1\.params\.model: claude-mythos-preview: no rate card/,
  ],
  ['an unknown model', batchBody(['claude-opus-9']), 404, /^requests\.0\.params\.model: claude-opus-9/],
  [
    'a repeated model',
    `{"requests":[{"custom_id":"a","params":{"model":"${haiku}","model":"${opus}"}}]}`,
    400,
    /^requests\.0\.params: model: this member stands in the body twice/,
  ],
  [
    'repeated params',
    `{"requests":[{"params":{"model":"${haiku}"},"params":{"model":"${opus}"}}]}`,
    400,
    /params: this member stands in the body twice/,
  ],
  [
    'repeated requests',
    `{"requests":[],"requests":[{"params":{"model":"${opus}"}}]}`,
    400,
    /requests: this member stands in the body twice/,
  ],
  [
    'a model whose name is written with escapes',
    `{"requests":[{"params":{"mod\\u0065l":"${opus}"}}]}`,
    400,
    /written with escapes/,
  ],
  [
    'an item without a model',
    '{"requests":[{"params":{}}]}',
    400,
    /^requests\.0\.params\.model: Field required/,
  ],
  ['an item without params', '{"requests":[{}]}', 400, /^requests\.0\.params: Field required/],
  ['an item that is no object', '{"requests":[1]}', 400, /^requests\.0: Input should be an object/],
  [
    'params that are no object',
    '{"requests":[{"params":1}]}',
    400,
    /^requests\.0\.params: Input should be an object/,
  ],
  ['a body without requests', '{}', 400, /^requests: Field required/],
  ['no request', '{"requests":[]}', 400, /^requests: List should have at least 1 item/],
  ['requests that are no list', '{"requests":{}}', 400, /^requests: Input should be a valid array/],
  ['a list that another bracket ends', `{"requests":[{"params":{"model":"${haiku}"}}}}`, 400, /JSON/],
  ['broken JSON', '{"requests":[', 400, /JSON/],
])('rejects %s before calling the upstream', async (_, body, status, says) => {
  const { gateway, upstream } = await startBoth()

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body })

  expectEnvelope(answer, { status, type: status === 404 ? 'not_found_error' : 'invalid_request_error', says })
  expect(upstream.requests).toEqual([])
  expect(storedItems(gateway)).toEqual([])
})

test('stores each model of a batch once, however many spellings the batch uses', async () => {
  const { gateway } = await startBoth()
  const spellings = [
    'claude-opus-4-1',
    opus,
    'anthropic.claude-opus-4-1-20250805-v1:0',
    'claude-opus-4-1@20250805',
  ]
  const models = [...spellings, 'claude-3-haiku@20240307']

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody(models) })

  expect(answer.status).toBe(200)
  expect(storedItems(gateway).map((item) => JSON.parse(item.models))).toEqual([
    { [opus]: opus, 'claude-3-haiku@20240307': haiku },
  ])
})

test('applies the batch limits on bytes and requests', async () => {
  const { gateway } = await startBoth({ limits: { bodyBytes: 50, batchBodyBytes: 500, batchRequests: 2 } })

  const inside = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  const tooLong = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: ' '.repeat(501) })
  const three = '{"requests":['.concat(Array(3).fill(`{"params":{"model":"${haiku}"}}`).join(','), ']}')
  const tooMany = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: three })

  expect([inside.status, tooLong.status, tooMany.status]).toEqual([200, 413, 400])
  expect(readEnvelope(tooMany.text).error.message).toBe('requests: List should have at most 2 items')
})
