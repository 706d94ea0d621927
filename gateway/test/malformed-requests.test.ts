import { describe, expect, test } from 'vitest'

import { askHttp2, connectHttp2 } from './port/http2-client.ts'
import { profileOpus } from './protocols/aws-client.ts'
import { connectRaw } from './raw-client.ts'
import { plain, startUpstream } from './recording-upstream.ts'
import { localKey, startGateway, usual } from './running-gateway.ts'
import { callBody, message } from './samples.ts'

const malformed: readonly (readonly [name: string, request: RawRequest, says: RegExp])[] = [
  ['two hosts', { more: 'host: localhost\r\n' }, /^host: must be sent once/],
  ['two different hosts', { more: 'host: 127.0.0.1\r\n' }, /^host: must be sent once/],
  ['HTTP/2.0 in text', { version: '2.0' }, /^HTTP\/2\.0 is not a version/],
  ['HTTP/0.9', { version: '0.9' }, /^HTTP\/0\.9 is not a version/],
  ['a transfer coding beside chunked', { coding: 'gzip, chunked' }, /^transfer-encoding: must be chunked/],
  ['two transfer-encoding headers', { coding: 'gzip\r\ntransfer-encoding: chunked' }, /^transfer-encoding/],
  ['chunked in HTTP/1.0', { coding: 'chunked', version: '1.0' }, /^transfer-encoding: must be chunked/],
  ['chunked in TE', { more: 'te: gzip, chunked\r\n' }, /^te: must not contain chunked/],
  ['UTF-16', { type: 'application/json; charset=utf-16' }, /^content-type: charset must be utf-8/],
  ['UTF-16 in quotes', { type: 'application/json;charset="UTF-16LE"' }, /^content-type: charset must be/],
  ['Latin-1', { type: 'application/json; a=b; Charset=iso-8859-1' }, /^content-type: charset must be/],
]

const accepted: readonly (readonly [name: string, request: RawRequest])[] = [
  ['chunked', { coding: 'Chunked' }],
  ['trailers in TE', { more: 'te: trailers\r\n' }],
  ['UTF-8', { type: 'application/json; charset=UTF-8' }],
  ['UTF-8 in quotes', { type: 'application/json; charset="utf8"' }],
  ['ASCII', { type: 'application/json;charset=us-ascii' }],
  ['HTTP/1.0', { version: '1.0' }],
]

describe.each([
  ['Messages', '/v1/messages', (body: string) => read(body).error?.message],
  ['OpenAI', '/v1/chat/completions', (body: string) => read(body).error?.message],
  ['Bedrock', `/model/${profileOpus}/invoke`, (body: string) => read(body).message],
  [
    'Vertex AI',
    '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict',
    (body: string) => read(body).error?.message,
  ],
])('%s', (_, path, getMessage) => {
  test.each(malformed)('rejects %s, in the format of the protocol', async (__, request, says) => {
    const { gateway, upstream } = await startBoth()
    const client = await connectRaw(gateway.port)

    client.write(write(path, request))
    const [answer] = await client.answers(1)

    expect(answer?.status).toBe(400)
    expect(getMessage(answer?.body ?? '')).toMatch(says)
    expect(upstream.requests).toEqual([])
  })
})

test.each(accepted)('accepts %s', async (_, request) => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(write('/v1/messages', request))

  expect(await client.answers(1)).toMatchObject([{ status: 200 }])
})

test.each([
  ['chunked twice', 'transfer-encoding: chunked, chunked\r\n'],
  ['chunked and a length', 'transfer-encoding: chunked\r\ncontent-length: 2\r\n'],
  ['a length and chunked', 'content-length: 2\r\ntransfer-encoding: chunked\r\n'],
  ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n'],
])('rejects %s', async (_, headers) => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(`POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n2\r\n{}\r\n0\r\n\r\n`)
  const [answer] = await client.answers(1)

  expect(answer?.status).toBe(400)
  expect(read(answer?.body ?? '').error?.message).toMatch(/^(?:transfer-encoding|content-length): /)
  expect(upstream.requests).toEqual([])
})

test('no request follows a malformed one on its connection', async () => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(write('/v1/messages', { coding: 'gzip, chunked' }) + write('/v1/messages', {}))
  await client.closing()

  expect(await client.answers(1)).toMatchObject([{ status: 400 }])
  expect(client.received.split('HTTP/1.1 ')).toHaveLength(2)
})

test('in HTTP/2 the header host must agree with :authority', async () => {
  const { gateway } = await startBoth()
  const session = connectHttp2(gateway.url)
  const authority = `localhost:${gateway.port}`
  const call = { ':method': 'POST', ':path': '/v1/messages', ':authority': authority, ...usual }

  const same = await askHttp2(session, { ...call, host: authority }, callBody)
  const another = await askHttp2(session, { ...call, host: '127.0.0.1' }, callBody)
  const charset = { ...call, 'content-type': 'application/json; charset=utf-16' }
  const encoded = await askHttp2(session, charset, callBody)

  expect([same.status, another.status, encoded.status]).toEqual([200, 400, 400])
})

interface RawRequest {
  readonly version?: string
  readonly type?: string
  readonly coding?: string
  readonly more?: string
}

function write(
  path: string,
  { version = '1.1', type = 'application/json', coding, more = '' }: RawRequest,
): string {
  const head = [
    `POST ${path} HTTP/${version}`,
    'host: localhost',
    `authorization: Bearer ${localKey}`,
    'anthropic-version: 2023-06-01',
    `content-type: ${type}`,
    coding === undefined ? `content-length: ${callBody.length}` : `transfer-encoding: ${coding}`,
  ].join('\r\n')
  const body = coding === undefined ? callBody : `${callBody.length.toString(16)}\r\n${callBody}\r\n0\r\n\r\n`
  return `${head}\r\n${more}\r\n${body}`
}

interface ErrorBody {
  readonly message?: string
  readonly error?: { readonly message: string }
}

function read(body: string): ErrorBody {
  // Each protocol's error has one of these members, and the tests check it.
  return JSON.parse(body) as ErrorBody
}

async function startBoth() {
  const upstream = await startUpstream(plain(message))
  return { upstream, gateway: await startGateway({ upstreamUrl: upstream.url }) }
}
