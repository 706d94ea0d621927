import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { until } from './condition.ts'
import { type Answer, ask, envelopeOf } from './http-client.ts'
import { plain, startUpstream } from './recording-upstream.ts'
import { type RawAnswer, connectRaw } from './raw-client.ts'
import { type RunningGateway, localKey, startGateway, usual } from './running-gateway.ts'
import { callBody, message, opus } from './samples.ts'

test.each([
  ['nothing', '', /JSON/i],
  ['no JSON', 'model=opus', /JSON/i],
  ['an array', `[{"model":"${opus}"}]`, /not a JSON object/],
  ['a cut object', `{"model":"${opus}","max_tokens":`, /JSON/],
  ['something behind the object', `{"model":"${opus}"} {}`, /JSON/],
  ['a trailing comma', `{"model":"${opus}",}`, /JSON/],
  ['a byte order mark', `\ufeff{"model":"${opus}"}`, /JSON/],
  ['no model', '{"max_tokens":5}', /^model: Field required$/],
  ['a model that is no string', '{"model":7}', /^model: Input should be a valid string$/],
  ['an empty model', '{"model":""}', /^model: String should have at least 1 character$/],
  ['a stream that is no boolean', `{"model":"${opus}","stream":"yes"}`, /^stream: Input should be/],
])('refuses a body with %s', async (_, body, expected) => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(body)

  expectEnvelope(answer, 400, 'invalid_request_error', expected)
  await expectUntouched(gateway, upstream)
})

test.each([
  ['no version', { 'anthropic-version': undefined }, /^anthropic-version: header is required$/],
  ['an unknown version', { 'anthropic-version': '2019-01-01' }, /"2019-01-01" is not a valid version/],
  ['two versions', { 'anthropic-version': ['2023-06-01', '2023-06-01'] }, /not a valid version/],
  ['no content type', { 'content-type': undefined }, /^content-type: .*got none/],
  ['a wrong content type', { 'content-type': 'text/plain' }, /^content-type: .*'text\/plain'/],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, /^content-type/],
  ['an encoding', { 'content-encoding': 'zstd' }, /uncompressed, got 'zstd'/],
])('refuses a request with %s', async (_, headers, expected) => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(callBody, { headers })

  expectEnvelope(answer, 400, 'invalid_request_error', expected)
  await expectUntouched(gateway, upstream)
})

test('refuses a compressed body', async () => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(gzipSync(callBody), { headers: { 'content-encoding': 'gzip' } })

  expectEnvelope(answer, 400, 'invalid_request_error', /content-encoding/)
  await expectUntouched(gateway, upstream)
})

test.each([
  ['claude-opus-41', /Did you mean claude-opus-4-1\b/],
  ['claude-3.5-haiku', /Did you mean claude-3-5-haiku-/],
  ['gpt-4o', /^model: gpt-4o$/],
  ['claude-opus-4-1"\\r\\nx: y', /^model: claude/],
])('refuses the unknown model %s with what may have been meant', async (name, expected) => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(`{"model":"${name.replace('"', '\\"')}","max_tokens":5}`)

  expectEnvelope(answer, 404, 'not_found_error', expected)
  await expectUntouched(gateway, upstream)
})

test.each([
  ['POST', '/v1/complete', 404, 'not_found_error'],
  ['POST', '/v1/messages/', 404, 'not_found_error'],
  ['POST', '/v1/messages/batches', 404, 'not_found_error'],
  ['GET', '/v1/messages', 405, 'invalid_request_error'],
  ['DELETE', '/v1/models', 405, 'invalid_request_error'],
  ['POST', '/healthz', 405, 'invalid_request_error'],
  ['POST', '//v1/messages', 400, 'invalid_request_error'],
  ['POST', '/a/../v1/messages', 400, 'invalid_request_error'],
  ['POST', '/a/%2e%2e/v1/messages', 400, 'invalid_request_error'],
  ['POST', '/a%2fb/v1/messages', 400, 'invalid_request_error'],
  ['POST', '/admin%2F/v1/messages', 400, 'invalid_request_error'],
  ['POST', '/a%5cb/v1/messages', 400, 'invalid_request_error'],
])('refuses %s %s', async (method, path, status, type) => {
  const { gateway, upstream } = await startBoth()

  const [answer] = await sendRaw(gateway, rawCall(callBody, { line: `${method} ${path} HTTP/1.1` }))

  expectRawEnvelope(answer, status, type)
  await expectUntouched(gateway, upstream)
})

test('says which method a path takes', async () => {
  const { gateway } = await startBoth()

  const answer = await ask(`${gateway.url}/v1/messages`, { method: 'PUT', headers: usual, body: callBody })

  expect(answer.status).toBe(405)
  expect(answer.headers.allow).toBe('POST')
})

test.each([
  ['no key', {}, /x-api-key header is required/],
  ['an empty key', { 'x-api-key': '' }, /x-api-key header is required/],
  ['a wrong key', { 'x-api-key': 'sk-ant-somebody-elses' }, /invalid x-api-key/],
  ['a key that is far too long', { 'x-api-key': 'x'.repeat(5_000) }, /invalid x-api-key/],
  ['basic credentials', { authorization: 'Basic dXNlcjpwYXNz' }, /x-api-key header is required/],
])('refuses a request with %s', async (_, headers, expected) => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(callBody, { headers: { 'x-api-key': undefined, ...headers } })

  expectEnvelope(answer, 401, 'authentication_error', expected)
  expect(answer.headers['x-should-retry']).toBe('false')
  await expectUntouched(gateway, upstream)
})

test.each([
  ['x-api-key', { 'x-api-key': localKey }],
  ['a bearer token', { authorization: `Bearer ${localKey}` }],
  ['api-key', { 'api-key': localKey }],
  [
    'a bearer token beside a key for somebody else',
    { 'x-api-key': 'other', authorization: `bearer ${localKey}` },
  ],
  [
    'x-api-key beside a token for somebody else',
    { 'x-api-key': localKey, authorization: 'Bearer other-token' },
  ],
])('takes a key as %s', async (_, headers) => {
  const { gateway } = await startBoth()

  const answer = await gateway.post(callBody, { headers: { 'x-api-key': undefined, ...headers } })

  expect(answer.status).toBe(200)
})

test.each([
  ['announces its length', (size: number) => [`content-length: ${size}\r\n\r\n`, 'x'.repeat(size)]],
  [
    'comes in chunks',
    (size: number) => ['transfer-encoding: chunked\r\n\r\n', chunked('x'.repeat(size / 33), 33), '0\r\n\r\n'],
  ],
])('answers a body of 33 MB that %s so that its client can read why', async (_, bodyOf) => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(rawHead() + bodyOf(33 * 1024 * 1024).join(''))
  const [answer] = await client.answers(1)

  expectRawEnvelope(answer, 413, 'request_too_large')
  await expectUntouched(gateway, upstream)
})

test('takes a body of exactly the limit, and no byte more', async () => {
  const { gateway } = await startBoth({ bodyBytes: callBody.length })

  const just = await gateway.post(callBody)
  const over = await gateway.post(`${callBody} `)

  expect([just.status, over.status]).toEqual([200, 413])
})

test('refuses a body while too many are held, and takes it afterwards', async () => {
  const { gateway } = await startBoth({ heldBodyBytes: callBody.length + 10 })
  const client = await connectRaw(gateway.port)
  client.write(`${rawHead()}content-length: 500\r\n\r\n${'x'.repeat(11)}`)

  await until('the first body counts', async () => (await gateway.post(callBody)).status === 529)
  client.destroy()

  await until('its bytes are free again', async () => (await gateway.post(callBody)).status === 200)
})

test.each([
  ['a chunked body', 'transfer-encoding: chunked\r\n\r\n40\r\n{"model":'],
  ['a body of known length', 'content-length: 400\r\n\r\n{"model":'],
  ['a chunk size', 'transfer-encoding: chunked\r\n\r\n4'],
])('answers a client that ends in the middle of %s', async (_, rest) => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(rawHead() + rest)
  client.end()
  const answers = await client.answers(1)
  await client.closing()

  expect(answers).toHaveLength(1)
  expectRawEnvelope(answers[0], 400, 'invalid_request_error')
  await expectUntouched(gateway, upstream)
})

test('gives a client that disappears in the middle of its body nothing, and goes on', async () => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}content-length: 400\r\n\r\n{"model":`)
  client.destroy()
  await until('the call is over', () => gateway.log.some((entry) => entry['code'] === 'body_aborted'))

  await expectUntouched(gateway, upstream)
})

test.each([
  ['one header of 100 KB', `x-flood: ${'x'.repeat(100_000)}\r\n`],
  ['many headers', Array.from({ length: 4_000 }, (_, i) => `x-flood-${i}: ${'x'.repeat(20)}\r\n`).join('')],
])('answers %s with 431', async (_, flood) => {
  const { gateway, upstream } = await startBoth()

  const [answer] = await sendRaw(gateway, `${rawHead()}${flood}content-length: 2\r\n\r\n{}`)

  expectRawEnvelope(answer, 431, 'invalid_request_error')
  await expectUntouched(gateway, upstream)
})

test('answers headers that come too slowly with 408', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100 })
  const client = await connectRaw(gateway.port)

  client.write('POST /v1/messages HTTP/1.1\r\nhost: gateway\r\nx-slow: ')
  const [answer] = await client.answers(1)
  await client.closing()

  expectRawEnvelope(answer, 408, 'invalid_request_error')
  await expectUntouched(gateway, upstream)
})

test('answers a body that comes too slowly with 408', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100, requestMs: 150 })
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}content-length: 400\r\n\r\n{"model":`)
  const answers = await client.answers(1)
  await client.closing()

  expect(answers).toHaveLength(1)
  expectRawEnvelope(answers[0], 408, 'invalid_request_error')
  await expectUntouched(gateway, upstream)
})

test('closes a connection that never says a word', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100 })
  const client = await connectRaw(gateway.port)

  await client.closing()

  await expectUntouched(gateway, upstream)
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['a TLS hello', Buffer.from('16030100f8010000f40303', 'hex')],
  ['a method that is none', 'HELLO /v1/messages HTTP/1.1\r\nhost: gateway\r\n\r\n'],
  ['a version that is none', 'POST /v1/messages HTTP/9.9\r\nhost: gateway\r\n\r\n'],
  ['no host', 'POST /v1/messages HTTP/1.1\r\ncontent-length: 0\r\n\r\n'],
  [
    'a length and chunks at once',
    `${rawHead()}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['two lengths', `${rawHead()}content-length: 5\r\ncontent-length: 6\r\n\r\n{"a":`],
  ['a length that is none', `${rawHead()}content-length: -1\r\n\r\n`],
  ['a chunk size that is none', `${rawHead()}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  ['a space before a colon', `${rawHead()}content-length : 2\r\n\r\n{}`],
  ['a folded header', `${rawHead()}x-a: b\r\n c\r\ncontent-length : 2\r\n\r\n{}`],
])('answers %s with an envelope', async (_, bytes) => {
  const { gateway, upstream } = await startBoth()

  const [answer] = await sendRaw(gateway, bytes)

  expectRawEnvelope(answer, 400, 'invalid_request_error')
  await expectUntouched(gateway, upstream)
})

test('closes a connection that wants to be a tunnel', async () => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nhost: api.anthropic.com:443\r\n\r\n')
  await client.closing()

  await expectUntouched(gateway, upstream)
})

test('answers an expectation that it does not know as if it were not there', async () => {
  const { gateway } = await startBoth()

  const [answer] = await sendRaw(gateway, rawCall(callBody, { headers: 'expect: the-unexpected\r\n' }))

  expect(answer?.status).toBe(200)
})

test('lets a client that waits for it send its body', async () => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}expect: 100-continue\r\ncontent-length: ${callBody.length}\r\n\r\n`)
  await until('it is told to go on', () => client.received.startsWith('HTTP/1.1 100 Continue'))
  client.write(callBody)
  const [answer] = await client.answers(1)

  expect(answer?.status).toBe(200)
})

test('answers pipelined requests in their order, good ones and bad ones', async () => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(
    rawCall(callBody) +
      rawCall('{"model":"gpt-4o"}') +
      rawCall(callBody, { line: 'POST /v1/nowhere HTTP/1.1' }) +
      rawCall(callBody),
  )
  const answers = await client.answers(4)

  expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 200])
  expect(gateway.rows().map((row) => row['outcome'])).toEqual(['answered', 'answered'])
})

function expectEnvelope(answer: Answer, status: number, type: string, expected: RegExp): void {
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/json')
  expect(envelopeOf(answer.text)).toEqual({
    type: 'error',
    error: { type, message: expect.stringMatching(expected) },
    request_id: answer.headers['request-id'],
  })
}

function expectRawEnvelope(answer: RawAnswer | undefined, status: number, type: string): void {
  expect(answer?.status).toBe(status)
  const id = /^request-id: (req_\w+)\r?$/im.exec(answer?.head ?? '')?.[1]
  expect(envelopeOf(answer?.body ?? '')).toEqual({
    type: 'error',
    error: { type, message: expect.stringMatching(/.{10}/) },
    request_id: id,
  })
  expect(id).toBeDefined()
}

/** Nothing is in the ledger, nothing went upstream, and the next call is served. */
async function expectUntouched(
  gateway: RunningGateway,
  upstream: { readonly requests: readonly unknown[] },
): Promise<void> {
  expect(gateway.rows()).toEqual([])
  expect(upstream.requests).toEqual([])
  const next = await gateway.post(callBody)
  expect(next.text).toBe(message)
}

async function sendRaw(gateway: RunningGateway, bytes: string | Uint8Array): Promise<readonly RawAnswer[]> {
  const client = await connectRaw(gateway.port)
  client.write(bytes)
  return client.answers(1)
}

/** A request's head without the blank line at its end. */
function rawHead(line = 'POST /v1/messages HTTP/1.1'): string {
  const lines = Object.entries(usual).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line}\r\nhost: gateway\r\n${lines.join('')}`
}

function rawCall(body: string, { line, headers = '' }: { line?: string; headers?: string } = {}): string {
  return `${rawHead(line)}${headers}content-length: ${body.length}\r\n\r\n${body}`
}

function chunked(chunk: string, count: number): string {
  return `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(count)
}

async function startBoth(limits = {}) {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
