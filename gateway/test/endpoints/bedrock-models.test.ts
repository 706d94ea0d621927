import { expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { insertKey } from '../stored-keys.ts'
import { ask } from '../http-client.ts'
import { localKey, startGateway, temporaryFolder } from '../running-gateway.ts'
import {
  askSigned,
  bedrockOpus,
  expectException,
  profileOpus,
  startAwsGateway,
} from '../protocols/aws-client.ts'

test('lists the inference profiles of all models, in the region that signed', async () => {
  const gateway = await startAwsGateway()

  const answer = await askSigned(gateway, '/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000', {
    method: 'GET',
    region: 'us-west-2',
  })

  expect(answer.status).toBe(200)
  expect(answer.headers['x-amzn-requestid']).toMatch(/^req_/)
  const { inferenceProfileSummaries: profiles } = JSON.parse(answer.text)
  expect(profiles).toContainEqual(
    expect.objectContaining({
      inferenceProfileId: profileOpus,
      inferenceProfileArn: `arn:aws:bedrock:us-west-2:123456789012:inference-profile/${profileOpus}`,
      type: 'SYSTEM_DEFINED',
      status: 'ACTIVE',
    }),
  )
})

test('lists in pages, and rejects an invalid page token', async () => {
  const gateway = await startAwsGateway()
  const get = async (query: string) => {
    const answer = await askSigned(gateway, `/inference-profiles${query}`, { method: 'GET' })
    return JSON.parse(answer.text)
  }

  const first = await get('?maxResults=2')
  const second = await get(`?maxResults=2&nextToken=${first.nextToken}`)
  const wrong = await askSigned(gateway, '/inference-profiles?maxResults=0', { method: 'GET' })

  const ids = [...first.inferenceProfileSummaries, ...second.inferenceProfileSummaries].map(
    (profile: { inferenceProfileId: string }) => profile.inferenceProfileId,
  )
  expect(new Set(ids).size).toBe(4)
  expectException(wrong, { status: 400, type: 'ValidationException', says: /./ })
})

test('finds a profile by its id or ARN, also under a path prefix', async () => {
  const gateway = await startAwsGateway()
  const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${profileOpus}`

  for (const name of [profileOpus, encodeURIComponent(profileOpus), encodeURIComponent(arn)]) {
    const answer = await askSigned(gateway, `/team/inference-profiles/${name}`, { method: 'GET' })
    expect(JSON.parse(answer.text), name).toMatchObject({
      inferenceProfileId: profileOpus,
      models: expect.arrayContaining([
        { modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${bedrockOpus}` },
      ]),
    })
  }
  const none = await askSigned(gateway, '/inference-profiles/us.anthropic.claude-9', { method: 'GET' })
  expectException(none, { status: 404, type: 'ResourceNotFoundException', says: /./ })
})

test('describes an application inference profile that routing.aliases maps to a model', async () => {
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3'
  const gateway = await startGateway({ routing: { aliases: { [arn]: profileOpus } } })
  const headers = { authorization: `Bearer ${localKey}` }
  const get = (name: string) =>
    ask(`${gateway.url}/inference-profiles/${encodeURIComponent(name)}`, { headers })

  const found = await get(arn)

  expect(JSON.parse(found.text)).toMatchObject({
    inferenceProfileArn: arn,
    inferenceProfileId: 'a1b2c3',
    type: 'APPLICATION',
    models: [{ modelArn: `arn:aws:bedrock:eu-west-1::foundation-model/${bedrockOpus}` }],
  })
  expect((await get(`${arn}x`)).status).toBe(404)
})

test('lists the foundation models, and which of them are for profiles only', async () => {
  const gateway = await startAwsGateway()
  const headers = { authorization: `Bearer ${localKey}` }

  const answer = await ask(`${gateway.url}/foundation-models?byProvider=anthropic`, { headers })

  expect(JSON.parse(answer.text).modelSummaries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ modelId: bedrockOpus, inferenceTypesSupported: ['INFERENCE_PROFILE'] }),
      expect.objectContaining({
        modelId: 'anthropic.claude-3-haiku-20240307-v1:0',
        inferenceTypesSupported: expect.arrayContaining(['ON_DEMAND']),
      }),
    ]),
  )
})

test('returns one foundation model by its id or ARN, and no profile', async () => {
  const gateway = await startAwsGateway()
  const headers = { authorization: `Bearer ${localKey}` }
  const arn = encodeURIComponent(`arn:aws:bedrock:us-east-1::foundation-model/${bedrockOpus}`)

  for (const name of [bedrockOpus, arn]) {
    const answer = await ask(`${gateway.url}/foundation-models/${name}`, { headers })
    expect(JSON.parse(answer.text), name).toMatchObject({ modelDetails: { modelId: bedrockOpus } })
  }
  const profile = await ask(`${gateway.url}/foundation-models/${profileOpus}`, { headers })
  expectException(profile, {
    status: 400,
    type: 'ValidationException',
    says: 'The provided model identifier is invalid.',
  })
})

test.each(['/guardrails', '/foundation-model-availability/m', '/b/model-invocation-jobs'])(
  'rejects %s, which it does not serve, as AWS does, also with a bearer key',
  async (path) => {
    const gateway = await startAwsGateway()

    const answer = await ask(gateway.url + path, { headers: { authorization: `Bearer ${localKey}` } })

    expectException(answer, {
      status: 404,
      type: 'UnknownOperationException',
      says: 'The action or operation requested is invalid. Verify that the action is typed correctly.',
    })
  },
)

test('shows a key only the models that it may use', async () => {
  const dataFolder = temporaryFolder()
  const { secret, record } = createKey('haiku only', ['claude-haiku-4-5-20251001'], Date.now())
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const gateway = await startAwsGateway({ dataFolder })
  const headers = { authorization: `Bearer ${secret}` }

  const profiles = await ask(`${gateway.url}/inference-profiles?maxResults=1000`, { headers })
  const models = await ask(`${gateway.url}/foundation-models`, { headers })
  const hidden = await ask(`${gateway.url}/inference-profiles/${profileOpus}`, { headers })

  const ids: string[] = JSON.parse(profiles.text).inferenceProfileSummaries.map(
    (profile: { inferenceProfileId: string }) => profile.inferenceProfileId,
  )
  expect(ids.length).toBeGreaterThan(1)
  expect(ids.every((id) => id.endsWith('.anthropic.claude-haiku-4-5-20251001-v1:0'))).toBe(true)
  expect(JSON.parse(models.text).modelSummaries).toMatchObject([
    { modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0' },
  ])
  expect(hidden.status).toBe(404)
})

test('requires a key, and allows only GET', async () => {
  const gateway = await startAwsGateway()

  for (const path of ['/inference-profiles', `/inference-profiles/${profileOpus}`, '/foundation-models']) {
    const anonymous = await ask(gateway.url + path)
    expectException(anonymous, {
      status: 403,
      type: 'MissingAuthenticationTokenException',
      says: 'Missing Authentication Token',
    })
    const posted = await askSigned(gateway, path)
    expectException(posted, { status: 404, type: 'UnknownOperationException', says: /use GET/ })
  }
})
