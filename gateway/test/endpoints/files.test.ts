import { request as httpRequest } from 'node:http'

import type { UploadRequest, Upstream } from '@anthology/wire'
import { expect, test } from 'vitest'

import { until } from '../condition.ts'
import { readEnvelope } from '../http-client.ts'
import { batchBody, otherKey, startBoth, storedItems, sendRequest } from '../resources/batches.ts'
import type { Both } from '../resources/batches.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { expectEnvelope } from '../api-errors.ts'
import { httpAccount, localKey, startGateway, upstreamKey, usual } from '../running-gateway.ts'
import { callBody, message, opus } from '../samples.ts'

const multipart = { 'content-type': 'multipart/form-data; boundary=b' }
const upload = Buffer.from(
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\u0000\u0001\r\n--b--\r\n',
  'latin1',
)

test('uploads a file byte for byte, and records its owner', async () => {
  const { gateway, upstream } = await startBoth()

  const answer = await sendRequest(gateway, 'POST', '/v1/files?beta=true', {
    body: upload,
    headers: { ...multipart, 'anthropic-beta': 'files-api-2025-04-14' },
    key: otherKey,
  })

  expect(answer.text).toBe(`{"id": "file_1",  "type": "file", "size_bytes": ${upload.length}}`)
  const [request] = upstream.requests
  expect(request).toMatchObject({
    method: 'POST',
    target: '/v1/files?beta=true',
    headers: {
      ...multipart,
      'x-api-key': upstreamKey,
      'anthropic-beta': 'files-api-2025-04-14',
      'content-length': String(upload.length),
    },
  })
  expect(request?.body.equals(upload)).toBe(true)
  expect(storedItems(gateway)).toMatchObject([
    { id: 'file_1', kind: 'file', key_id: 'key_other', upstream: 'recorder' },
  ])
})

test('forwards a file while it is still being received', async () => {
  const upstream = await startUpstream(plain('{"id":"file_1"}'))
  const counting = countingAccount(upstream.url)
  const gateway = await startGateway({ accounts: [counting.account], limits: { heldBodyBytes: 1_000 } })
  const { sent, answered } = beginUpload(gateway.url)

  sent.write(Buffer.alloc(100_000))
  await until('the upstream has the first half', () => counting.received() === 100_000)
  sent.end(Buffer.alloc(100_000))
  const status = await answered

  expect(status).toBe(200)
  expect(upstream.requests[0]?.body.length).toBe(200_000)
  expect(upstream.requests[0]?.headers['transfer-encoding']).toBe('chunked')
})

test.each([
  ['with a length', { 'content-length': '200001' }],
  ['without one', {}],
])('rejects a file larger than the limit, %s', async (_, headers) => {
  const { gateway } = await startBoth({ limits: { fileBytes: 200_000 } })
  const { sent, answered } = beginUpload(gateway.url, headers)

  for (let at = 0; at < 2; at += 1) sent.write(Buffer.alloc(100_000))
  sent.end('x')

  expect(await answered).toBe(413)
  expect(storedItems(gateway)).toEqual([])
})

test('aborts the upload when the client disconnects, and records nothing', async () => {
  const upstream = await startUpstream(plain('{"id":"file_1"}'))
  const counting = countingAccount(upstream.url)
  const gateway = await startGateway({ accounts: [counting.account] })
  const { sent } = beginUpload(gateway.url)
  sent.on('error', () => {})

  sent.write(Buffer.alloc(100_000))
  await until('it is under way', () => counting.received() === 100_000)
  sent.destroy()

  await until('it is over', () => gateway.log.some(({ event }) => event === 'api_error'))
  expect(upstream.requests).toEqual([])
  expect(storedItems(gateway)).toEqual([])
})

test.each([
  ['JSON', { 'content-type': 'application/json' }],
  ['a compressed body', { ...multipart, 'content-encoding': 'gzip' }],
])('rejects %s in place of a file', async (_, headers) => {
  const { gateway, upstream } = await startBoth()

  const answer = await sendRequest(gateway, 'POST', '/v1/files', { body: upload, headers })

  expect(answer.status).toBe(400)
  expect(upstream.requests).toEqual([])
})

test('sends a file as one buffer to an upstream that cannot stream', async () => {
  const upstream = await startUpstream(plain('{"id":"file_1"}'))
  const account = httpAccount(upstream.url)
  const whole = { send: account.upstream.send.bind(account.upstream) }
  const gateway = await startGateway({ accounts: [{ ...account, upstream: whole }] })

  const answer = await sendRequest(gateway, 'POST', '/v1/files', { body: upload, headers: multipart })

  expect(answer.status).toBe(200)
  expect(upstream.requests[0]?.body.equals(upload)).toBe(true)
})

test('shows, lists, reads and deletes the files of a key', async () => {
  const both = await startBoth()
  for (const key of [localKey, otherKey, localKey]) await createFile(both, key)
  both.upstream.lose('file_3')
  await createFile(both)

  const shown = await sendRequest(both.gateway, 'GET', '/v1/files/file_1')
  const content = await sendRequest(both.gateway, 'GET', '/v1/files/file_1/content')
  const listed = await sendRequest(both.gateway, 'GET', '/v1/files')
  const page = await sendRequest(both.gateway, 'GET', '/v1/files?limit=1')
  const named = await sendRequest(both.gateway, 'GET', '/v1/files?ids[]=file_1&ids[]=file_2')
  const inBeta = await sendRequest(both.gateway, 'GET', '/v1/files', {
    headers: { 'anthropic-beta': 'files-api-2025-04-14' },
  })
  const deleted = await sendRequest(both.gateway, 'DELETE', '/v1/files/file_1')
  const gone = await sendRequest(both.gateway, 'GET', '/v1/files/file_1')

  expect(shown.text).toBe('{"id": "file_1",  "type": "file"}')
  expect(content.body.equals(upload)).toBe(true)
  expect(content.headers['content-type']).toBe('application/octet-stream')
  expect(listed.text).toBe(
    '{"data":[{"id": "file_4",  "type": "file"},{"id": "file_1",  "type": "file"}],"next_page":null}',
  )
  expect(JSON.parse(page.text)).toEqual({
    data: [{ id: 'file_4', type: 'file' }],
    next_page: expect.stringMatching(/^page_/),
  })
  // file_2 belongs to another key.
  expect(JSON.parse(named.text)).toEqual({ data: [{ id: 'file_1', type: 'file' }], next_page: null })
  expect(inBeta.text).toBe(
    '{"data":[{"id": "file_4",  "type": "file"},{"id": "file_1",  "type": "file"}],"has_more":false,"first_id":"file_4","last_id":"file_1"}',
  )
  expect(deleted.text).toBe('{"id": "file_1",  "type": "file_deleted"}')
  expectEnvelope(gone, { status: 404, type: 'not_found_error', says: /^File not found: file_1$/ })
})

test('shows a file only to its key', async () => {
  const both = await startBoth()
  await createFile(both, otherKey)
  const asked = both.upstream.requests.length

  const answers = [
    await sendRequest(both.gateway, 'GET', '/v1/files/file_1'),
    await sendRequest(both.gateway, 'GET', '/v1/files/file_1/content'),
    await sendRequest(both.gateway, 'DELETE', '/v1/files/file_1'),
  ]

  for (const answer of answers)
    expectEnvelope(answer, { status: 404, type: 'not_found_error', says: /^File not found: file_1$/ })
  expect(both.upstream.requests).toHaveLength(asked)
})

test.each([
  ['plainly', '{"type":"file","file_id":"file_1"}'],
  ['with an escaped name', '{"type":"file","f\\u0069le_id":"file_1"}'],
  ['with an escaped value', '{"type":"file","file_id":"file\\u005f1"}'],
  ['twice', '{"type":"file","file_id":"file_2","file_id":"file_1"}'],
  ['with whitespace', '{"type":"file","file_id" :\n "file_1"}'],
])("rejects a message, a count and a batch that name another key's file %s", async (_, source) => {
  const both = await startBoth()
  await createFile(both, otherKey)
  await createFile(both)
  const asked = both.upstream.requests.length
  const body = withSource(source)

  const answers = [
    await both.gateway.post(body),
    await both.gateway.post(body, { path: '/v1/messages/count_tokens' }),
    await sendRequest(both.gateway, 'POST', '/v1/messages/batches', {
      body: `{"requests":[{"custom_id":"a","params":${body}}]}`,
    }),
  ]

  for (const answer of answers)
    expectEnvelope(answer, { status: 404, type: 'not_found_error', says: /^File not found: file_1$/ })
  expect(both.upstream.requests).toHaveLength(asked)
})

test.each([
  ["the key's own file", '{"type":"file","file_id":"file_1"}'],
  ['an id that no key of ours owns', '{"type":"file","file_id":"file_of_an_answer"}'],
  ['a member of a tool that is called so', '{"type":"file","input":{"file_id":7,"x":{"file_id":"drive-1"}}}'],
])('leaves %s to the upstream', async (_, source) => {
  const both = await startBoth()
  await createFile(both)
  both.upstream.answer(plain(message))
  const body = withSource(source)

  const answer = await both.gateway.post(body)

  expect(answer.status).toBe(200)
  expect(both.upstream.requests.at(-1)?.body.toString()).toBe(body)
})

test('sends a message and a batch to the account that stores their files', async () => {
  const first = await startUpstream(plain(message))
  const both = await startBoth()
  await createFile(both)
  both.upstream.answer(plain(message))
  await both.gateway.close()
  const accounts = [{ ...httpAccount(first.url), name: 'first' }, httpAccount(both.upstream.url)]
  const gateway = await startGateway({ accounts, dataFolder: both.gateway.dataFolder })
  const body = withSource('{"type":"file","file_id":"file_1"}')

  const call = await gateway.post(body)
  const batch = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    body: `{"requests":[{"custom_id":"a","params":${body}}]}`,
  })
  const elsewhere = await gateway.post(callBody)

  expect(call.headers['x-anthology-upstream']).toBe('recorder')
  expect(batch.headers['x-anthology-upstream']).toBe('recorder')
  expect(elsewhere.headers['x-anthology-upstream']).toBe('first')
  expect(first.requests).toHaveLength(1)
})

test('responds 502 for files on an upstream that is no longer configured, and omits them from lists', async () => {
  const both = await startBoth()
  await createFile(both)
  await sendRequest(both.gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  await both.gateway.close()
  const accounts = [{ ...httpAccount(both.upstream.url), name: 'another' }]
  const gateway = await startGateway({ accounts, dataFolder: both.gateway.dataFolder })

  const file = await sendRequest(gateway, 'GET', '/v1/files/file_1')
  const lists = [
    await sendRequest(gateway, 'GET', '/v1/files'),
    await sendRequest(gateway, 'GET', '/v1/messages/batches'),
  ]

  expect(file.status).toBe(502)
  expect(readEnvelope(file.text).error.message).toBe(
    "file_1 is stored on upstream 'recorder', which is no longer configured",
  )
  for (const list of lists) expect(JSON.parse(list.text)).toMatchObject({ data: [] })
})

async function createFile({ gateway }: Both, key = localKey): Promise<void> {
  const answer = await sendRequest(gateway, 'POST', '/v1/files', { body: upload, headers: multipart, key })
  if (answer.status !== 200) throw new Error(`the file was refused: ${answer.text}`)
}

function withSource(source: string): string {
  return `{"model":"${opus}","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":${source}}]}]}`
}

/** An upload whose bytes are sent one by one by the test. */
function beginUpload(url: string, headers: Record<string, string> = {}) {
  const sent = httpRequest(`${url}/v1/files`, {
    method: 'POST',
    agent: false,
    headers: { ...usual, ...multipart, ...headers },
  })
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sent.once('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject)
  })
  answered.catch(() => {})
  return { sent, answered }
}

/** An account that counts the upload bytes that its upstream has read. */
function countingAccount(url: string) {
  const account = httpAccount(url)
  let received = 0
  async function* count(body: UploadRequest['body']) {
    for await (const chunk of body) {
      received += chunk.length
      yield chunk
    }
  }
  const upstream: Upstream = {
    ...account.upstream,
    upload(request, receiver) {
      if (account.upstream.upload === undefined) throw new Error('an HTTP upstream takes uploads')
      return account.upstream.upload({ ...request, body: count(request.body) }, receiver)
    },
  }
  return { account: { ...account, upstream }, received: () => received }
}
