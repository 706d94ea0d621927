import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'

import { createClock, createEmulator } from '../../../src/index.ts'
import type { Emulator, EmulatorOptions } from '../../../src/index.ts'
import { collect } from '../../collecting-receiver.ts'
import type { Collected } from '../../collecting-receiver.ts'
import { askInvoke, toError } from './calls.ts'

const pair = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret/with+signs' }
const clock = createClock('2026-11-22T12:00:00Z')
const path = '/base/model/us.anthropic.claude-opus-5/invoke'

const unknownClient = [
  403,
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
]

const unknownApiKey = [
  403,
  'AccessDeniedException',
  'Authentication failed: Please make sure your API Key is valid.',
]

describe('without keys and AWS credentials', () => {
  const emulator = create({})

  test.each([{}, { authorization: 'Bearer anything' }, { authorization: 'AWS4-HMAC-SHA256 nonsense' }])(
    'every request is accepted: %j',
    async (headers) => {
      expect((await send(emulator, { headers })).status).toBe(200)
    },
  )
})

describe('with AWS credentials', () => {
  const emulator = create({ awsCredentials: [pair] })

  test('a signed request is accepted, with either name of the host', async () => {
    expect((await send(emulator, await sign())).status).toBe(200)
    const { host, ...headers } = (await sign({ host: ':authority' })).headers
    expect(host).toBeUndefined()
    expect((await send(emulator, { headers })).status).toBe(200)
  })

  test('a signature without a body hash is accepted', async () => {
    expect((await send(emulator, await sign({ applyChecksum: false }))).status).toBe(200)
  })

  test('any other request is rejected', async () => {
    const signed = await sign()
    const other = await sign({ secretAccessKey: 'another' })
    const stranger = await sign({ accessKeyId: 'AKIASTRANGER' })

    expect(toError(await send(emulator, {}))).toMatchObject([403, expect.any(String), expect.any(String)])
    expect(toError(await send(emulator, { headers: { authorization: 'Bearer k' } }))).toEqual(unknownApiKey)
    expect(toError(await send(emulator, stranger))).toEqual(unknownClient)
    for (const wrong of [
      other,
      { ...signed, body: askInvoke('Another') },
      { ...signed, path: path.slice(5) },
    ])
      expect(toError(await send(emulator, wrong))).toEqual([
        403,
        'InvalidSignatureException',
        expect.stringContaining('does not match the signature you provided'),
      ])
  })

  test('a signature that is too old or from the future is rejected', async () => {
    for (const minutes of [-16, 16]) {
      const signed = await sign({ at: new Date(clock.now() + minutes * 60_000) })
      expect(toError(await send(emulator, signed)).slice(0, 2)).toEqual([403, 'InvalidSignatureException'])
    }
  })

  test('a signature for another service is rejected', async () => {
    const signed = await sign({ service: 's3' })

    expect(toError(await send(emulator, signed)).slice(0, 2)).toEqual([403, 'InvalidSignatureException'])
  })

  test('an error has an id, and no byte of the secret', async () => {
    const { headers, bytes } = await send(emulator, await sign({ secretAccessKey: 'another' }))

    expect(headers['x-amzn-requestid']).toMatch(/^[\da-f-]{36}$/)
    expect(new TextDecoder().decode(bytes)).not.toContain(pair.secretAccessKey)
  })
})

describe('with a key', () => {
  const emulator = create({ keys: ['k'] })

  test('it is accepted as a bearer token, and nothing else is', async () => {
    expect((await send(emulator, { headers: { authorization: 'Bearer k' } })).status).toBe(200)
    expect(toError(await send(emulator, { headers: { authorization: 'Bearer other' } }))).toEqual(
      unknownApiKey,
    )
    expect(toError(await send(emulator, await sign()))).toEqual(unknownClient)
    expect((await send(emulator, { headers: { 'x-api-key': 'k' } })).status).toBe(403)
  })

  test('AWS credentials are accepted as well', async () => {
    const both = create({ keys: ['k'], awsCredentials: [pair] })

    expect((await send(both, await sign())).status).toBe(200)
    expect((await send(both, { headers: { authorization: 'Bearer k' } })).status).toBe(200)
  })
})

function create(options: EmulatorOptions): Emulator {
  return createEmulator({ asOf: '2026-11-22', now: clock.now, ...options })
}

interface Sent {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

function send(emulator: Emulator, sent: Sent): Promise<Collected> {
  return collect(emulator, { path, body: askInvoke('Hello!'), ...sent })
}

interface Signing {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly service?: string
  readonly host?: string
  readonly applyChecksum?: boolean
  readonly at?: Date
}

/** Signs the request as the AWS SDKs do. */
async function sign(signing: Signing = {}): Promise<{ readonly headers: Record<string, string> }> {
  const { service = 'bedrock', host = 'host', applyChecksum = true, at = new Date(clock.now()) } = signing
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    sha256: Sha256,
    applyChecksum,
    credentials: { ...pair, ...signing },
  })
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: 'here.example',
    path,
    headers: { [host]: 'here.example', 'content-type': 'application/json' },
    body: JSON.stringify(askInvoke('Hello!')),
  }
  return { headers: (await signer.sign(request, { signingDate: at })).headers }
}
