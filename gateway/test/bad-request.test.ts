import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { ask } from './http-client.ts'
import { plain, startUpstream } from './recording-upstream.ts'
import { connectRaw, rawCall } from './raw-client.ts'
import { expectEnvelope, expectRawEnvelope, expectUntouched } from './api-errors.ts'
import { localKey, startGateway, usual } from './running-gateway.ts'
import { callBody, message, opus } from './samples.ts'

const bodies: readonly (readonly [string, string, RegExp])[] = [
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
]

test('rejects bodies that are not a call, with the reason', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, body, says] of bodies) {
    const answer = await gateway.post(body)
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says }, what)
  }
  await expectUntouched(gateway, upstream)
})

const heads: readonly (readonly [string, Record<string, string | string[] | undefined>, RegExp])[] = [
  ['no version', { 'anthropic-version': undefined }, /^anthropic-version: header is required$/],
  ['an unknown version', { 'anthropic-version': '2019-01-01' }, /"2019-01-01" is not a valid version/],
  ['two versions', { 'anthropic-version': ['2023-06-01', '2023-06-01'] }, /not a valid version/],
  ['no content type', { 'content-type': undefined }, /^content-type: .*got none/],
  ['a wrong content type', { 'content-type': 'text/plain' }, /^content-type: .*'text\/plain'/],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, /^content-type/],
]

test('rejects invalid headers, with the reason', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, headers, says] of heads) {
    const answer = await gateway.post(callBody, { headers })
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says }, what)
  }
  await expectUntouched(gateway, upstream)
})

test.each(['gzip', 'zstd'])(
  'rejects a body by its encoding, %s, with the code of the API',
  async (encoding) => {
    const { gateway, upstream } = await startBoth()

    const answer = await gateway.post(gzipSync(callBody), { headers: { 'content-encoding': encoding } })

    const says = new RegExp(`uncompressed, got '${encoding}'`)
    const errorCode = 'request_body_encoding_unsupported'
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says, errorCode })
    await expectUntouched(gateway, upstream)
  },
)

test('rejects unknown models, and suggests similar ones', async () => {
  const { gateway, upstream } = await startBoth()
  const names: readonly (readonly [string, RegExp])[] = [
    ['claude-opus-41', /^model: claude-opus-41\. Did you mean claude-opus-4-1\b/],
    ['claude-3-5-haku', /Did you mean claude-3-5-haiku-/],
    ['claude-opus-4-6-20260205', /has no date\. Did you mean claude-opus-4-6\?$/],
    ['claude-v2:1', /\. claude-2\.1 was retired on 2025-07-21; its replacement is claude-opus-4-8\.$/],
    [
      'claude-3-5-sonnet',
      /\. It is the name of several models: claude-3-5-sonnet-20241022, claude-3-5-sonnet-/,
    ],
    [
      'arn:aws:bedrock:us-east-1:1:provisioned-model/m',
      /routing\.aliases in anthology\.yaml maps such a name/,
    ],
    ['gpt-4o', /^model: gpt-4o$/],
    ['claude"\r\nx: y', /^model: claude"\r\nx: y/],
    ['x'.repeat(3_000), /^model: x{256}$/],
  ]

  for (const [model, says] of names) {
    const answer = await gateway.post(JSON.stringify({ model, max_tokens: 5 }))
    expectEnvelope(answer, { status: 404, type: 'not_found_error', says }, model)
  }
  await expectUntouched(gateway, upstream)
})

const paths: readonly (readonly [string, number, string])[] = [
  ['POST /v1/complete', 404, 'not_found_error'],
  ['POST /v1/messages/', 404, 'not_found_error'],
  ['POST /v1/messages/batches/a/b', 404, 'not_found_error'],
  ['GET /v1/messages', 405, 'invalid_request_error'],
  ['DELETE /v1/models', 405, 'invalid_request_error'],
  ['POST /healthz', 405, 'invalid_request_error'],
  ['POST //v1/messages', 400, 'invalid_request_error'],
  ['POST /a/../v1/messages', 400, 'invalid_request_error'],
  ['POST /a/%2e%2e/v1/messages', 400, 'invalid_request_error'],
  ['POST /a%2fb/v1/messages', 400, 'invalid_request_error'],
  ['POST /admin%2F/v1/messages', 400, 'invalid_request_error'],
  ['POST /a%5cb/v1/messages', 400, 'invalid_request_error'],
]

test('rejects unknown paths and methods, one after another on one connection', async () => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  for (const [index, [path, status, type]] of paths.entries()) {
    client.write(rawCall(callBody, { line: `${path} HTTP/1.1` }))
    const answers = await client.answers(index + 1)
    expectRawEnvelope(answers[index], status, type)
  }
  await expectUntouched(gateway, upstream)
})

test('names the allowed methods of a path', async () => {
  const { gateway } = await startBoth()

  const answer = await ask(`${gateway.url}/v1/messages`, { method: 'PUT', headers: usual, body: callBody })

  expect(answer.status).toBe(405)
  expect(answer.headers.allow).toBe('POST')
})

test('rejects requests without a valid key, with the reason', async () => {
  const { gateway, upstream } = await startBoth()
  const credentials: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['no key', {}, /x-api-key header is required/],
    ['an empty key', { 'x-api-key': '' }, /x-api-key header is required/],
    ['a wrong key', { 'x-api-key': 'sk-ant-somebody-elses' }, /invalid x-api-key/],
    ['a key that is far too long', { 'x-api-key': 'x'.repeat(5_000) }, /invalid x-api-key/],
    ['basic credentials', { authorization: 'Basic dXNlcjpwYXNz' }, /x-api-key header is required/],
  ]

  for (const [what, headers, says] of credentials) {
    const answer = await gateway.post(callBody, { headers: { 'x-api-key': undefined, ...headers } })
    expectEnvelope(answer, { status: 401, type: 'authentication_error', says }, what)
    expect(answer.headers['x-should-retry'], what).toBe('false')
  }
  await expectUntouched(gateway, upstream)
})

test('accepts a valid key in every header that clients use', async () => {
  const { gateway } = await startBoth()
  const credentials: readonly Record<string, string>[] = [
    { 'x-api-key': localKey },
    { authorization: `Bearer ${localKey}` },
    { 'api-key': localKey },
    { 'x-api-key': 'for-somebody-else', authorization: `bearer ${localKey}` },
    { 'x-api-key': localKey, authorization: 'Bearer for-somebody-else' },
  ]

  for (const headers of credentials) {
    const answer = await gateway.post(callBody, { headers: { 'x-api-key': undefined, ...headers } })
    expect(answer.status, JSON.stringify(headers)).toBe(200)
  }
})

async function startBoth() {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
