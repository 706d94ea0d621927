import type { DatabaseSync } from 'node:sqlite'

import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createPairRecord, derivePair } from '../../src/aws-pair.ts'
import { createKey } from '../../src/key-ring.ts'
import { openDatabase } from '../../src/ledger/database.ts'
import { insertKey, revokeKey } from '../../src/ledger/key-table.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import { type RunningGateway, localKey, temporaryFolder } from '../running-gateway.ts'
import { callBody, opus } from '../samples.ts'
import {
  type Signing,
  askSigned,
  expectException,
  invokeBody,
  pair,
  profileOpus,
  sign,
  startAwsGateway,
} from './aws-client.ts'

const path = `/model/${profileOpus}/invoke`
const minuteMs = 60_000

test('takes signatures over every spelling of a path', async () => {
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
    paths.map(() => expect.objectContaining({ door: 'bedrock', key_id: 'key_local', model: opus })),
  )
})

test('takes any region, and clocks that are a quarter of an hour off', async () => {
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
    { signing: { pair: { ...pair, secretAccessKey: `${pair.secretAccessKey}x` } } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'a pair that nobody has',
    { signing: { pair: { ...pair, accessKeyId: 'AKIAANTHNOBODYNOBODY' } } },
    { type: 'UnrecognizedClientException', says: unknown },
  ],
  [
    'a session token, which no pair of ours has',
    { signing: { pair: { ...pair, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' } } },
    { type: 'UnrecognizedClientException', says: unknown },
  ],
  [
    'another body',
    { sent: { body: invokeBody.replace('Hello', 'Hellp') } },
    { type: 'InvalidSignatureException', says: wrong },
  ],
  [
    'another body, whose hash stands in a header that is not signed',
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
    'a request of yesterday, replayed',
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
    'a bearer token that is no key',
    { sent: { headers: { authorization: 'Bearer ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl' } } },
    { type: 'UnrecognizedClientException', says: unknown },
  ],
]

test('refuses what is not signed rightly in the words of AWS, and bills nothing', async () => {
  const { gateway, requests } = await startCounting()

  for (const [what, attempt, expected] of refused) {
    const answer = await attemptWith(gateway, attempt)

    expectException(answer, { status: 403, ...expected }, what)
    expect(answer.headers['x-should-retry'], what).toBe('false')
    // Clients of AWS set their clock by it.
    const dateMs = Date.parse(String(answer.headers.date))
    expect(Math.abs(dateMs - Date.now()), what).toBeLessThan(minuteMs)
    expect(answer.text, what).not.toContain(pair.secretAccessKey)
  }
  expect(gateway.rows()).toEqual([])
  expect(requests()).toBe(0)
  const next = await askSigned(gateway, path, { body: invokeBody })
  expect(next.status).toBe(200)
})

test('a pair that has just been right is still refused with another secret', async () => {
  const gateway = await start()
  const body = invokeBody

  const statuses: number[] = []
  for (const secretAccessKey of [pair.secretAccessKey, 'another', pair.secretAccessKey]) {
    const answer = await askSigned(gateway, path, { body, pair: { ...pair, secretAccessKey } })
    statuses.push(answer.status)
  }

  expect(statuses).toEqual([200, 403, 200])
})

test('a pair that another process makes works at once, and is refused at once when it is revoked', async () => {
  const dataFolder = temporaryFolder()
  const gateway = await startAwsGateway({
    accounts: [emulatorAccount()],
    dataFolder,
    rootSecret: 'the root secret',
  })
  const record = { ...createKey('batch job', null, Date.now()).record, aws: createPairRecord() }
  const stored = derivePair(record.aws, 'the root secret')
  const statusOf = async () => (await askSigned(gateway, path, { body: invokeBody, pair: stored })).status
  let status = 0

  await inDatabase(dataFolder, (database) => insertKey(database, record))
  await until('the pair is known', async () => (status = await statusOf()) === 200)
  await inDatabase(dataFolder, (database) => revokeKey(database, record.id, Date.now()))
  await until('the pair is revoked', async () => (status = await statusOf()) === 403)

  expect(status).toBe(403)
  expect(gateway.rows().every((row) => row['key_id'] === record.id)).toBe(true)
  expect(gateway.log.map((entry) => JSON.stringify(entry)).join()).not.toContain(stored.secretAccessKey)
})

test('all faces of a key are one key in the ledger', async () => {
  const gateway = await start()
  const vertex = `/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict`
  const vertexBody = invokeBody.replace('bedrock-2023-05-31', 'vertex-2023-10-16')
  const bearer = { authorization: `Bearer ${localKey}` }

  const answers = [
    await gateway.post(callBody),
    await gateway.post(callBody, { headers: { 'x-api-key': undefined, ...bearer } }),
    await askSigned(gateway, path, { body: invokeBody }),
    await ask(gateway.url + path, { method: 'POST', headers: bearer, body: invokeBody }),
    await ask(gateway.url + vertex, { method: 'POST', headers: bearer, body: vertexBody }),
    await askSigned(gateway, '/anthropic/v1/messages', {
      body: callBody,
      service: 'bedrock-mantle',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    }),
    await askSigned(gateway, '/v1/messages', {
      body: callBody,
      service: 'aws-external-anthropic',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'anthropic-workspace-id': 'wrkspc_01',
      },
    }),
    await gateway.post(callBody, { headers: { 'x-api-key': undefined, 'api-key': localKey } }),
  ]

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  expect(gateway.rows().map((row) => [row['door'], row['key_id']])).toEqual(
    ['messages', 'messages', 'bedrock', 'bedrock', 'vertex', 'messages', 'messages', 'messages'].map(
      (door) => [door, 'key_local'],
    ),
  )
  expect(new Set(gateway.rows().map((row) => row['cost_nano_usd'])).size).toBe(1)
})

test('a client of Claude Platform on AWS lists the models with its signature', async () => {
  const gateway = await start()
  const signing = {
    method: 'GET',
    service: 'aws-external-anthropic',
    headers: { 'anthropic-version': '2023-06-01' },
  }

  const answer = await askSigned(gateway, '/v1/models?limit=1', signing)
  const forged = await askSigned(gateway, '/v1/models', {
    ...signing,
    pair: { ...pair, secretAccessKey: 'another-secret' },
  })

  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.text)).toMatchObject({ data: [{ type: 'model' }] })
  expect(forged.status).toBe(401)
})

test('all faces of a key may use the same models', async () => {
  const dataFolder = temporaryFolder()
  const made = createKey('haiku only', ['claude-haiku-4-5-20251001'], Date.now())
  const record = { ...made.record, aws: createPairRecord() }
  await inDatabase(dataFolder, (database) => insertKey(database, record))
  const gateway = await startAwsGateway({
    accounts: [emulatorAccount()],
    dataFolder,
    rootSecret: 'the root secret',
  })
  const bearer = { authorization: `Bearer ${made.secret}` }
  const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805'
  const vertexBody = invokeBody.replace('bedrock-2023-05-31', 'vertex-2023-10-16')

  const onAnthropic = await gateway.post(callBody, { headers: { 'x-api-key': made.secret } })
  const signed = await askSigned(gateway, path, {
    body: invokeBody,
    pair: derivePair(record.aws, 'the root secret'),
  })
  const withBearer = await ask(gateway.url + path, { method: 'POST', headers: bearer, body: invokeBody })
  const onVertex = await ask(`${gateway.url}${vertex}:streamRawPredict`, {
    method: 'POST',
    headers: bearer,
    body: vertexBody,
  })

  const says = `this key may not use ${opus}; it may use: claude-haiku-4-5-20251001`
  expect([onAnthropic.status, JSON.parse(onAnthropic.text).error]).toEqual([
    403,
    { type: 'permission_error', message: says },
  ])
  for (const answer of [signed, withBearer])
    expectException(answer, { status: 403, type: 'AccessDeniedException', says })
  expect([onVertex.status, JSON.parse(onVertex.text)]).toEqual([
    403,
    [{ error: { code: 403, message: says, status: 'PERMISSION_DENIED' } }],
  ])
  expect(gateway.rows()).toEqual([])
})

interface Attempt {
  readonly signing?: Signing
  /** What is sent in place of what was signed. */
  readonly sent?: {
    readonly path?: string
    readonly body?: string
    /** An empty one is left out. */
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

function start(): Promise<RunningGateway> {
  return startAwsGateway({ accounts: [emulatorAccount()] })
}

/** A gateway in front of an emulator whose requests are counted. */
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

async function inDatabase(dataFolder: string, act: (database: DatabaseSync) => unknown): Promise<void> {
  const database = openDatabase(dataFolder)
  try {
    act(database)
  } finally {
    database.close()
  }
}
