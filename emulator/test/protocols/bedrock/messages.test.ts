import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { ask, collect, getJson, getMessage, parseEvents } from '../../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const path = '/bedrock/anthropic/v1/messages'
const pair = { accessKeyId: 'AKID', secretAccessKey: 'secret' }
const nowMs = Date.UTC(2026, 10, 22)

describe("Bedrock's Messages endpoint (mantle)", () => {
  test('is the Messages API with its own model names', async () => {
    for (const [name, model] of names) {
      const { id: _id, ...expected } = await getMessage(emulator, ask('Hello!', { model }))

      expect(getJson(await collect(emulator, { path, body: ask('Hello!', { model: name }) }))).toMatchObject(
        expected,
      )
    }
  })

  test('streams as the Messages API does', async () => {
    const body = ask('Hello!', { model: 'anthropic.claude-opus-5', stream: true })
    const { headers, bytes } = await collect(emulator, { path: `${path}?beta=true`, body })

    expect(headers['content-type']).toMatch(/^text\/event-stream/)
    expect(parseEvents(bytes)[0]).toMatchObject({ message: { model: 'claude-opus-5' } })
  })

  test('counts tokens', async () => {
    const { max_tokens: _limit, ...body } = ask('Hello!', { model: 'anthropic.claude-opus-5' })

    expect(getJson(await collect(emulator, { path: `${path}/count_tokens`, body }))).toEqual({
      input_tokens: expect.any(Number),
    })
  })

  test.each(['anthropic.claude-opus-4-6-v1', 'anthropic.claude-sonnet-4-6'])('rejects %s', async (model) => {
    const answer = await collect(emulator, { path, body: ask('Hello!', { model }) })

    expect([answer.status, getJson(answer)]).toMatchObject([404, { error: { message: `model: ${model}` } }])
  })

  test('has ids of its own and AWS, and no rate limits, organization or pings', async () => {
    const body = ask('Hello!', { model: 'anthropic.claude-opus-5' })
    const plain = await collect(emulator, { path, body })
    const streamed = await collect(emulator, { path, body: { ...body, stream: true } })

    expect(getJson(plain)).toMatchObject({ id: expect.stringMatching(/^msg_bdrk_/) })
    expect(plain.headers).toMatchObject({
      'request-id': expect.stringMatching(/^req_/),
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(Object.keys({ ...plain.headers, ...streamed.headers }).join()).not.toMatch(
      /ratelimit|organization/,
    )
    expect(new TextDecoder().decode(streamed.bytes)).not.toContain('event: ping')
  })

  test.each(['web_search_20250305', 'web_fetch_20250910', 'code_execution_20250825'])(
    'rejects %s, like all of Bedrock',
    async (type) => {
      const tools = [
        { name: 'get_tea', input_schema: { type: 'object' } },
        { type, name: 'tool' },
      ]
      const body = ask('Hello!', { model: 'anthropic.claude-opus-5', tools })
      const { max_tokens: _limit, ...counted } = body
      const refused = [
        400,
        {
          type: 'error',
          error: {
            type: 'invalid_request_error',
            message: `tools: Input tag '${type}' found using 'type' does not match any of the expected tags`,
          },
        },
      ]

      const answer = await collect(emulator, { path, body })
      const count = await collect(emulator, { path: `${path}/count_tokens`, body: counted })

      expect([answer.status, getJson(answer)]).toMatchObject(refused)
      expect([count.status, getJson(count)]).toMatchObject(refused)
    },
  )

  test('accepts client tools, and on Foundry, behind the same path, server tools', async () => {
    const own = [
      { name: 'get_tea', input_schema: { type: 'object' } },
      { type: 'bash_20250124', name: 'bash' },
    ]
    const search = [{ type: 'web_search_20250305', name: 'web_search' }]
    const withBedrockIds = ask('Hello!', { model: 'anthropic.claude-opus-5', tools: own })
    const ofFoundry = ask('Hello!', { model: 'claude-opus-5', tools: search })

    expect((await collect(emulator, { path, body: withBedrockIds })).status).toBe(200)
    expect((await collect(emulator, { path, body: ofFoundry })).status).toBe(200)
  })

  test('authenticates before it reports unsupported tools', async () => {
    const guarded = createEmulator({ keys: ['k'] })
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }]
    const body = ask('Hello!', { model: 'anthropic.claude-opus-5', tools })

    expect((await collect(guarded, { path, body, headers: { 'x-api-key': 'other' } })).status).toBe(401)
    expect((await collect(guarded, { path, body, headers: { 'x-api-key': 'k' } })).status).toBe(400)
  })

  test('is not on the path of the Messages API', async () => {
    const body = ask('Hello!', { model: 'anthropic.claude-opus-5' })

    expect((await collect(emulator, { body })).status).toBe(404)
  })

  test('accepts names of the Claude API, which Foundry has behind the same path', async () => {
    expect((await collect(emulator, { path, body: ask('Hello!') })).status).toBe(200)
  })
})

describe("Bedrock's Messages endpoint (runtime)", () => {
  const profile = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

  test.each([profile, `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${profile}`])(
    'is the Messages API with inference profiles: %s',
    async (model) => {
      const { id: _id, ...expected } = await getMessage(
        emulator,
        ask('Hello!', { model: 'claude-sonnet-4-5' }),
      )

      expect(getJson(await collect(emulator, { path, body: ask('Hello!', { model }) }))).toMatchObject(
        expected,
      )
    },
  )

  test('does not count tokens, which the runtime does by an operation of its own', async () => {
    const { max_tokens: _limit, ...body } = ask('Hello!', { model: profile })

    expect((await collect(emulator, { path: `${path}/count_tokens`, body })).status).toBe(404)
  })

  test('rejects an unknown id, and the id of a model that only profiles serve', async () => {
    const unknown = await collect(emulator, { path, body: ask('Hello!', { model: 'us.anthropic.claude-0' }) })
    const keyed = createEmulator({ awsCredentials: [pair], now: () => nowMs })
    const bare = ask('Hello!', { model: 'anthropic.claude-opus-5' })
    const own = await collect(keyed, { path, body: bare, headers: await sign('bedrock', pair, bare) })

    expect([unknown.status, getJson(unknown)]).toMatchObject([
      400,
      { error: { type: 'invalid_request_error', message: 'The provided model identifier is invalid.' } },
    ])
    expect([own.status, getJson(own)]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('on-demand throughput') } },
    ])
  })

  test('rejects a body above 20 MB', async () => {
    const answer = await collect(emulator, {
      path,
      body: ask('x'.repeat(20 * 1024 * 1024), { model: profile }),
    })

    expect([answer.status, getJson(answer)]).toMatchObject([413, { error: { type: 'request_too_large' } }])
  })

  test('rejects a session that has ended, and one without its token', async () => {
    const session = { ...pair, sessionToken: 'token-of-the-session', expiresAtMs: nowMs + 1_000 }
    const body = ask('Hello!', { model: profile })
    const send = async (at: number, credentials: typeof pair & { sessionToken?: string }) => {
      const headers = await sign('bedrock', credentials, body)
      return collect(createEmulator({ awsCredentials: [session], now: () => at }), { path, body, headers })
    }

    expect((await send(nowMs, session)).status).toBe(200)
    expect((await send(nowMs, pair)).status).toBe(401)
    expect(getJson(await send(nowMs + 2_000, session))).toMatchObject({
      error: { message: 'The security token included in the request is expired' },
    })
  })
})

describe('a signed call of the Messages API', () => {
  const guarded = createEmulator({ keys: ['k'], awsCredentials: [pair], now: () => nowMs })
  const body = ask('Hello!', { model: 'anthropic.claude-opus-5' })

  test('is accepted for the service bedrock-mantle', async () => {
    const headers = await sign('bedrock-mantle', pair, body)

    expect((await collect(guarded, { path, headers, body })).status).toBe(200)
  })

  test('is accepted for Claude Platform on AWS, which has the names and paths of the Claude API', async () => {
    const own = ask('Hello!')
    const headers = await sign('aws-external-anthropic', pair, own, '/v1/messages')

    expect((await collect(guarded, { path: '/v1/messages', headers, body: own })).status).toBe(200)
  })

  test('is rejected with another secret, for another service, or for another body', async () => {
    const wrong = await sign('bedrock-mantle', { ...pair, secretAccessKey: 'another' }, body)
    const right = await sign('bedrock-mantle', pair, body)
    const altered = ask('Another', { model: 'anthropic.claude-opus-5' })

    expect((await collect(guarded, { path, headers: wrong, body })).status).toBe(401)
    expect((await collect(guarded, { path, headers: await sign('s3', pair, body), body })).status).toBe(401)
    expect((await collect(guarded, { path, headers: right, body: altered })).status).toBe(401)
  })
})

async function sign(
  service: string,
  credentials: typeof pair & { sessionToken?: string },
  body: object,
  signedPath = path,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service, region: 'us-east-1', sha256: Sha256, credentials })
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: 'here.example',
    path: signedPath,
    headers: { host: 'here.example' },
    body: JSON.stringify(body),
  }
  return (await signer.sign(request, { signingDate: new Date(nowMs) })).headers
}

const names = [
  ['anthropic.claude-opus-5', 'claude-opus-5'],
  ['anthropic.claude-opus-4-7', 'claude-opus-4-7'],
  ['anthropic.claude-haiku-4-5', 'claude-haiku-4-5'],
] as const
