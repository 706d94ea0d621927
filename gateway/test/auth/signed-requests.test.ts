import { createHash } from 'node:crypto'

import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { until } from '../condition.ts'
import { connectRaw } from '../raw-client.ts'
import { localKey } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { opus } from '../samples.ts'
import {
  askSigned,
  expectException,
  invokeBody,
  awsCredentials,
  profileOpus,
  sign,
  startAwsGateway,
} from '../protocols/aws-client.ts'
import type { Signing } from '../protocols/aws-client.ts'

const path = `/model/${profileOpus}/invoke`
const minuteMs = 60_000

test('accepts signatures over every spelling of a path', async () => {
  const gateway = await start()
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/'
  const paths = [
    path,
    path.replace(/:/g, '%3A'),
    `/model/${encodeURIComponent(arn + profileOpus)}/invoke`,
    `/model/${arn.replace('/', '%2F')}${profileOpus}/invoke`,
    `/model/arn:aws:bedrock:us-east-1::foundation-model%2F${profileOpus.slice(3)}/invoke`,
    `/team/bedrock${path}`,
    `${path}?beta=true&a=b%20c`,
  ]

  for (const each of paths) {
    const answer = await askSigned(gateway, each, { body: invokeBody })
    expect(answer.status, each).toBe(200)
  }
  expect(gateway.rows()).toEqual(
    paths.map(() => expect.objectContaining({ protocol: 'bedrock', key_id: 'key_local', model: opus })),
  )
})

test('accepts any region, and clocks that are a quarter of an hour off', async () => {
  const gateway = await start()

  for (const signing of [
    { region: 'ap-southeast-2' },
    { nowMs: Date.now() - 14 * minuteMs },
    { nowMs: Date.now() + 14 * minuteMs },
  ]) {
    const answer = await askSigned(gateway, path, { body: invokeBody, ...signing })
    expect(answer.status).toBe(200)
  }
})

const wrong =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const unknown = 'The security token included in the request is invalid.'

const refused: readonly (readonly [string, Attempt, { type: string; says: RegExp | string }])[] = [
  [
    'another secret',
    {
      signing: {
        awsCredentials: { ...awsCredentials, secretAccessKey: `${awsCredentials.secretAccessKey}x` },
      },
    },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'credentials that no key has',
    { signing: { awsCredentials: { ...awsCredentials, accessKeyId: 'AKIAANTHNOBODYNOBODY' } } },
    { type: 'UnrecognizedClientException', says: unknown },
  ],
  [
    'a session token, which our credentials never have',
    { signing: { awsCredentials: { ...awsCredentials, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' } } },
    { type: 'UnrecognizedClientException', says: unknown },
  ],
  [
    'another body',
    { sent: { body: invokeBody.replace('Hello', 'Hellp') } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'another body, whose hash is in an unsigned header',
    { sent: { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    "the path of another model's",
    { sent: { path: path.replace('opus', 'sonnet') } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'the path of a stream',
    { sent: { path: `${path}-with-response-stream` } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'the same path with a prefix',
    { sent: { path: `/elsewhere${path}` } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'a query that was added',
    { sent: { path: `${path}?a=b` } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'a clock that is sixteen minutes slow',
    { signing: { nowMs: Date.now() - 16 * minuteMs } },
    { type: 'InvalidSignatureException', says: /^Signature expired: \d{8}T\d{6}Z is now earlier than / },
  ],
  [
    'a clock that is sixteen minutes fast',
    { signing: { nowMs: Date.now() + 16 * minuteMs } },
    {
      type: 'InvalidSignatureException',
      says: /^Signature not yet current: \d{8}T\d{6}Z is still later than /,
    },
  ],
  [
    'a replayed request of yesterday',
    { signing: { nowMs: Date.now() - 24 * 60 * minuteMs } },
    { type: 'InvalidSignatureException', says: /^Signature expired: / },
  ],
  [
    'another service',
    { signing: { service: 's3' } },
    { type: 'InvalidSignatureException', says: /^Credential should be scoped to correct service: 'bedrock'/ },
  ],
  [
    'no signature in its header',
    { sent: { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } } },
    { type: 'IncompleteSignatureException', says: /^Authorization header requires 'Signature' parameter/ },
  ],
  [
    'a signature in its query',
    {
      sent: {
        path: `${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b`,
        headers: { authorization: '' },
      },
    },
    { type: 'IncompleteSignatureException', says: /^A signature in the query is not supported/ },
  ],
  [
    'no proof at all',
    { sent: { headers: { authorization: '' } } },
    { type: 'MissingAuthenticationTokenException', says: 'Missing Authentication Token' },
  ],
  [
    'a bearer token that is not a key',
    { sent: { headers: { authorization: 'Bearer ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl' } } },
    {
      type: 'AccessDeniedException',
      says: 'Authentication failed: Please make sure your API Key is valid.',
    },
  ],
]

test('rejects invalid signatures with the error texts of AWS, and bills nothing', async () => {
  const { gateway, requests } = await startCounting()

  for (const [what, attempt, expected] of refused) {
    const answer = await attemptWith(gateway, attempt)

    expectException(answer, { status: 403, ...expected }, what)
    expect(answer.headers['x-should-retry'], what).toBe('false')
    // AWS clients set their clock by it.
    const dateMs = Date.parse(String(answer.headers.date))
    expect(Math.abs(dateMs - Date.now()), what).toBeLessThan(minuteMs)
    expect(answer.text, what).not.toContain(awsCredentials.secretAccessKey)
  }
  expect(gateway.rows()).toEqual([])
  expect(requests()).toBe(0)
  const next = await askSigned(gateway, path, { body: invokeBody })
  expect(next.status).toBe(200)
})

test('rejects a repeated signature header, in any order', async () => {
  const gateway = await start()
  const body = invokeBody
  const headers = await sign(gateway.url, path, { body })
  const hash = createHash('sha256').update(body).digest('hex')
  const doubled = [
    ['x-amz-date', headers['x-amz-date'] ?? '', '20200101T000000Z'],
    ['x-amz-content-sha256', hash, createHash('sha256').update('other').digest('hex')],
  ] as const

  const once = { ...headers, 'x-amz-content-sha256': hash }
  expect((await ask(gateway.url + path, { method: 'POST', headers: once, body })).status).toBe(200)
  for (const [name, right, other] of doubled) {
    for (const values of [
      [right, other],
      [other, right],
      [right, right],
    ]) {
      const answer = await ask(gateway.url + path, {
        method: 'POST',
        headers: { ...once, [name]: values },
        body,
      })
      expectException(answer, { status: 403, type: 'InvalidSignatureException', says: /./ }, name)
    }
  }
  expect(gateway.rows()).toHaveLength(1)
})

test("a valid key beside another key's signature is enough, and an invalid key beside a valid signature is ignored", async () => {
  const gateway = await start()
  const body = invokeBody
  const foreign = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'of-somebody-at-aws' }

  const withKey = await askSigned(gateway, path, {
    body,
    awsCredentials: foreign,
    headers: { 'x-api-key': localKey },
  })
  const withNone = await askSigned(gateway, path, {
    body,
    awsCredentials: foreign,
    headers: { 'x-api-key': 'sk-nobodys' },
  })
  const signed = await askSigned(gateway, path, { body, headers: { 'x-api-key': 'sk-nobodys' } })

  expect([withKey.status, signed.status]).toEqual([200, 200])
  expectException(withNone, { status: 403, type: 'UnrecognizedClientException', says: unknown })
  expect(gateway.rows().map((row) => row['key_id'])).toEqual(['key_local', 'key_local'])
})

test('credentials that were just verified are still rejected with another secret', async () => {
  const gateway = await start()
  const body = invokeBody

  const statuses: number[] = []
  for (const secretAccessKey of [awsCredentials.secretAccessKey, 'another', awsCredentials.secretAccessKey]) {
    const answer = await askSigned(gateway, path, {
      body,
      awsCredentials: { ...awsCredentials, secretAccessKey },
    })
    statuses.push(answer.status)
  }

  expect(statuses).toEqual([200, 403, 200])
})

test('rejects a wrong signature before the body, if the client sends the hash of the body', async () => {
  const gateway = await start()
  const headers = await sign(gateway.url, path, { body: invokeBody })
  const client = await connectRaw(gateway.port)
  const zeros = headers['authorization']?.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`) ?? ''
  const hashed = { ...headers, authorization: zeros, 'x-amz-content-sha256': hashText(invokeBody) }

  client.write(writeHead({ ...hashed, 'content-length': String(31 * 1024 * 1024) }))

  expect(await client.answers(1)).toMatchObject([{ status: 403, body: expect.stringContaining(wrong) }])
})

test('accepts a body only if it has the hash that was verified before it', async () => {
  const gateway = await start()
  const headers = { 'x-amz-content-sha256': hashText(invokeBody) }
  const signed = await sign(gateway.url, path, { body: invokeBody, headers })

  const send = (body: string) => ask(gateway.url + path, { method: 'POST', headers: signed, body })

  expect((await send(invokeBody)).status).toBe(200)
  expectException(await send(invokeBody.replace('Hello', 'Hellp')), {
    status: 403,
    type: 'InvalidSignatureException',
    says: wrong,
  })
  expect(gateway.rows()).toHaveLength(1)
})

test('bodies that a bad signature keeps open take nothing from other clients', async () => {
  const other = {
    accessKeyId: 'AKIAANTHOTHEROTHER23',
    secretAccessKey: 'another-secret-of-forty-letters-in-all-0',
  }
  const gateway = await start({
    keys: [
      { id: 'key_local', name: 'local', secret: localKey, aws: awsCredentials },
      { id: 'key_other', name: 'other', aws: other },
    ],
    limits: { unverifiedBodyBytes: 200_000, heldBodyBytes: 1_000_000 },
  })
  const headers = await sign(gateway.url, path, { body: invokeBody })
  const zeros = headers['authorization']?.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`) ?? ''
  const attackers = await Promise.all(Array.from({ length: 8 }, () => connectRaw(gateway.port)))
  for (const attacker of attackers) {
    attacker.write(writeHead({ ...headers, authorization: zeros, 'content-length': '900000' }))
    attacker.write('x'.repeat(150_000))
  }
  await until(
    'all but one are rejected',
    () => attackers.filter(({ received }) => received !== '').length === 7,
  )

  const long = invokeBody.replace('Hello', 'x'.repeat(190_000))
  const same = await askSigned(gateway, path, { body: long })
  const sameHashed = await askSigned(gateway, path, {
    body: long,
    headers: { 'x-amz-content-sha256': hashText(long) },
  })
  const another = await askSigned(gateway, path, { body: long, awsCredentials: other })
  const byKey = await ask(gateway.url + path, {
    method: 'POST',
    headers: { 'x-api-key': localKey },
    body: long,
  })

  expectException(same, { status: 503, type: 'ServiceUnavailableException', says: /incomplete/ })
  expect([sameHashed.status, another.status, byKey.status]).toEqual([200, 200, 200])
  for (const attacker of attackers) attacker.destroy()
  await until(
    'the allowance is free',
    async () => (await askSigned(gateway, path, { body: long })).status === 200,
  )
})

test('a body that arrives too slowly is rejected, whoever sends it', async () => {
  const gateway = await start({ limits: { bodyProgressMs: 100 } })
  const client = await connectRaw(gateway.port)

  client.write(writeHead({ 'x-api-key': localKey, 'content-length': '1000000' }))
  client.write('x'.repeat(100_000))
  const [answer] = await client.answers(1)

  expect(answer).toMatchObject({ status: 408, body: expect.stringContaining('too slowly') })
})

function writeHead(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: 'localhost', 'content-type': 'application/json', ...headers })
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

interface Attempt {
  readonly signing?: Signing
  /** Sent in place of the signed value. */
  readonly sent?: {
    readonly path?: string
    readonly body?: string
    /** An empty value is omitted. */
    readonly headers?: Readonly<Record<string, string>>
  }
}

async function attemptWith(gateway: RunningGateway, { signing, sent = {} }: Attempt) {
  const headers = { ...(await sign(gateway.url, path, { body: invokeBody, ...signing })), ...sent.headers }
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
  return ask(gateway.url + (sent.path ?? path), {
    method: 'POST',
    headers: given,
    body: sent.body ?? invokeBody,
  })
}

function emulatorAccount() {
  return { name: 'emulator', platform: 'anthropic', upstream: createEmulator(), secrets: [] } as const
}

function start(options: StartOptions = {}): Promise<RunningGateway> {
  return startAwsGateway({ accounts: [emulatorAccount()], ...options })
}

/** A gateway in front of an emulator that counts its requests. */
async function startCounting() {
  const emulator = createEmulator()
  let requests = 0
  const send: typeof emulator.send = (request, receiver) => {
    requests += 1
    return emulator.send(request, receiver)
  }
  const gateway = await startAwsGateway({ accounts: [{ ...emulatorAccount(), upstream: { send } }] })
  return { gateway, requests: () => requests }
}
