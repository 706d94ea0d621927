import { expect, test } from 'vitest'

import { connectRaw } from '../raw-client.ts'
import { plain } from '../recording-upstream.ts'
import { expectEnvelope } from '../api-errors.ts'
import { localKey } from '../running-gateway.ts'
import { message } from '../samples.ts'
import { body, models, path, post, startBoth, version } from './vertex-client.ts'

const expected =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'
const missing = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'CREDENTIALS_MISSING',
  domain: 'googleapis.com',
  metadata: { service: 'aiplatform.googleapis.com' },
}

test("rejects unknown clients with Google's error texts, and bills nothing", async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [headers, says, more] of [
    [{}, `Request is missing required authentication credential. ${expected}`, { details: [missing] }],
    [
      { authorization: 'Bearer ya29.a-token-of-googles' },
      `Request had invalid authentication credentials. ${expected}`,
      {},
    ],
  ] as const) {
    const whole = await post(gateway, `${path}:rawPredict`, { headers })
    const streamed = await post(gateway, `${path}:streamRawPredict`, { headers })

    const error = { code: 401, message: says, status: 'UNAUTHENTICATED', ...more }
    expect([whole.status, JSON.parse(whole.text)]).toEqual([401, { error }])
    expect([streamed.status, JSON.parse(streamed.text)]).toEqual([401, [{ error }]])
    expect(whole.headers['x-should-retry']).toBe('false')
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', '{"anthropic_version":', /./],
  ['an array', '[]', /./],
  ['a model', body.replace('{', '{"model":"claude-opus-4-1",'), /^model: Extra inputs are not permitted/],
  ['no version', '{"max_tokens":1,"messages":[]}', /^anthropic_version: Field required/],
  ['a version of elsewhere', body.replace('vertex-2023-10-16', 'bedrock-2023-05-31'), /^anthropic_version: /],
  ['two versions', body.replace('{', `{${version},`), /anthropic_version/],
  ['a stream that is no truth value', body.replace('{', '{"stream":1,'), /^stream: /],
]

test("rejects invalid rawPredict bodies with the model's error texts, and bills nothing", async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, sent, says] of refused) {
    const answer = await post(gateway, `${path}:rawPredict`, { body: sent })
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says }, what)
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

test("rejects unknown and invalid models with Google's error texts", async () => {
  const { gateway } = await startBoth(plain(message))
  const resource = 'projects/a-project/locations/us-east5/publishers/anthropic/models/'

  for (const name of ['claude-opus-9', 'a'.repeat(10_000), 'claude%2540', '%00']) {
    const answer = await post(gateway, `${models}/${name}:rawPredict`)
    const shown = (resource + decodeURIComponent(name)).slice(0, 512)
    const says = `Publisher Model \`${shown}\` was not found or your project does not have access to it.`
    const error = { code: 404, message: expect.stringContaining(says), status: 'NOT_FOUND' }
    expect([answer.status, JSON.parse(answer.text)], name.slice(0, 20)).toEqual([404, { error }])
    expect(answer.headers['x-anthology-notice'], name.slice(0, 20)).toMatch(/^model:/)
  }
  const counted = body.replace('{', '{"model":"claude-opus-9",')
  const count = await post(gateway, `${models}/count-tokens:rawPredict`, { body: counted })
  expect(JSON.parse(count.text)).toMatchObject({
    error: { code: 404, message: expect.stringMatching(/^model: claude-opus-9/), status: 'NOT_FOUND' },
  })
  expect(gateway.rows()).toEqual([])
})

test('rejects a too large body with the text on which Claude Code shortens it', async () => {
  const { gateway, upstream } = await startBoth(plain(message), { bodyBytes: 1_000 })

  const answer = await post(gateway, `${path}:streamRawPredict`, {
    body: body.replace('Hello', 'x'.repeat(2_000)),
  })

  const error = { code: 400, message: 'Input is too long.', status: 'INVALID_ARGUMENT' }
  expect([answer.status, JSON.parse(answer.text)]).toEqual([400, [{ error }]])
  expect(answer.headers['x-anthology-notice']).toMatch(/maximum size: the body may have 1000 bytes/)
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

test('rejects other methods, and paths that a proxy may normalize differently', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const lines = [
    [`POST /${path}:rawPredict`, 400],
    [`POST /a//b${path}:rawPredict`, 400],
    [`POST /a/..${path}:rawPredict`, 400],
    [`POST /a%2Fb${path}:rawPredict`, 400],
    [`POST ${path}:predict`, 404],
    [`POST ${path}`, 404],
    [`POST ${models}/count-tokens:streamRawPredict`, 404],
    [`GET ${path}:rawPredict`, 404],
    [`PUT ${path}:rawPredict`, 404],
  ] as const

  for (const [line, status] of lines) {
    const client = await connectRaw(gateway.port)
    client.write(
      `${line} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${localKey}\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    )
    const [answer] = await client.answers(1)
    expect(answer?.status, line).toBe(status)
    const isFound = /^(?:GET|PUT)/.test(line)
    expect(/^allow: POST\r?$/im.test(answer?.head ?? ''), line).toBe(isFound)
    if (isFound) expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: { status: 'NOT_FOUND' } })
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})
