import type { DatabaseSync } from 'node:sqlite'

import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createCredentialsRecord, deriveCredentials } from '../../src/auth/aws-credentials.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { insertKey, revokeKey } from '../stored-keys.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import { localKey, temporaryFolder } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { callBody, opus } from '../samples.ts'
import {
  askSigned,
  expectException,
  invokeBody,
  awsCredentials,
  profileOpus,
  startAwsGateway,
} from '../protocols/aws-client.ts'

const path = `/model/${profileOpus}/invoke`

test('AWS credentials that another process creates or revokes take effect at once', async () => {
  const dataFolder = temporaryFolder()
  const gateway = await startAwsGateway({
    accounts: [emulatorAccount()],
    dataFolder,
    rootSecret: 'the root secret',
  })
  const record = { ...createKey('batch job', null, Date.now()).record, aws: createCredentialsRecord() }
  const stored = deriveCredentials(record.aws, 'the root secret')
  const getStatus = async () =>
    (await askSigned(gateway, path, { body: invokeBody, awsCredentials: stored })).status
  let status = 0

  await inDatabase(dataFolder, (database) => insertKey(database, record))
  await until('the credentials are accepted', async () => (status = await getStatus()) === 200)
  await inDatabase(dataFolder, (database) => revokeKey(database, record.id, Date.now()))
  await until('the credentials are rejected', async () => (status = await getStatus()) === 403)

  expect(status).toBe(403)
  expect(gateway.rows().every((row) => row['key_id'] === record.id)).toBe(true)
  expect(gateway.log.map((entry) => JSON.stringify(entry)).join()).not.toContain(stored.secretAccessKey)
})

test('all credentials of a key are one key in the ledger', async () => {
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
  expect(gateway.rows().map((row) => [row['protocol'], row['key_id']])).toEqual(
    ['messages', 'messages', 'bedrock', 'bedrock', 'vertex', 'messages', 'messages', 'messages'].map(
      (protocol) => [protocol, 'key_local'],
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
    awsCredentials: { ...awsCredentials, secretAccessKey: 'another-secret' },
  })

  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.text)).toMatchObject({ data: [{ type: 'model' }] })
  expect(forged.status).toBe(401)
})

test('all credentials of a key may use the same models', async () => {
  const dataFolder = temporaryFolder()
  const made = createKey('haiku only', ['claude-haiku-4-5-20251001'], Date.now())
  const record = { ...made.record, aws: createCredentialsRecord() }
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
    awsCredentials: deriveCredentials(record.aws, 'the root secret'),
  })
  const withBearer = await ask(gateway.url + path, { method: 'POST', headers: bearer, body: invokeBody })
  const onVertex = await ask(`${gateway.url}${vertex}:streamRawPredict`, {
    method: 'POST',
    headers: bearer,
    body: vertexBody,
  })

  const says = `this key cannot use ${opus}; use one of: claude-haiku-4-5-20251001`
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

function emulatorAccount() {
  return { name: 'emulator', platform: 'anthropic', upstream: createEmulator(), secrets: [] } as const
}

function start(): Promise<RunningGateway> {
  return startAwsGateway({ accounts: [emulatorAccount()] })
}

async function inDatabase(dataFolder: string, act: (database: DatabaseSync) => unknown): Promise<void> {
  const database = openDatabase(dataFolder)
  try {
    act(database)
  } finally {
    database.close()
  }
}
