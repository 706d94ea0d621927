import { models } from '@anthology/catalog'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import type { Emulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'
import { askInvoke, callModel, toError } from './calls.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const strict = createEmulator({ asOf: '2026-11-22', lifecycle: 'enforce' })

const unknown = [400, 'ValidationException', 'The provided model identifier is invalid.']

describe('a model id of Bedrock', () => {
  test('identifies the model with any profile prefix', async () => {
    for (const { id, platforms, bedrockProfiles } of models)
      for (const prefix of bedrockProfiles ?? []) {
        const answer = await callModel(emulator, `${prefix}.${platforms.bedrock}`, { body: askInvoke('Hi') })

        expect([answer.status, getJson(answer)]).toMatchObject([200, { model: id }])
      }
  })

  test('may be an ARN, or have a literal colon', async () => {
    const profile = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
    const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${profile}`
    const segments = [profile, encodeURIComponent(profile), encodeURIComponent(arn), arn.replace('/', '%2F')]

    for (const segment of segments) {
      const path = `/model/${segment}/invoke`
      expect((await collect(emulator, { path, body: askInvoke('Hi') })).status).toBe(200)
    }
  })

  test("may be the model's own only before Claude 4", async () => {
    for (const { platforms, generation, bedrockProfiles } of models) {
      if (platforms.bedrock === null || bedrockProfiles === null) continue
      const answer = await callModel(emulator, platforms.bedrock, { body: askInvoke('Hi') })

      if (generation.startsWith('3')) expect(answer.status).toBe(200)
      else
        expect(toError(answer)).toEqual([
          400,
          'ValidationException',
          `Invocation of model ID ${platforms.bedrock} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
        ])
    }
  })

  test.each([
    'claude-opus-4-1',
    'claude-opus-4-1@20250805',
    'us.claude-opus-5',
    'anthropic.claude-opus-9',
    'us.anthropic.claude-opus-4-6',
    'us.anthropic.claude-haiku-4-5',
    'anthropic.claude-mythos-5x',
    'bedrock/us.anthropic.claude-opus-5',
    'arn:aws:bedrock:us-east-1::foundation-model/us.anthropic.claude-opus-5',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc',
    '%E0%A4%A',
  ])('is not %s', async (id) => {
    expect(toError(await callModel(emulator, id, { body: askInvoke('Hi') }))).toEqual(unknown)
  })

  test('is unknown if the emulator does not serve the model', async () => {
    const few = createEmulator({ models: models.filter(({ family }) => family === 'haiku') })
    const answer = await callModel(few, 'us.anthropic.claude-opus-5', { body: askInvoke('Hi') })

    expect(toError(answer)).toEqual(unknown)
  })

  test('may be any text without an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (text) => {
        const path = `/model/${encodeURIComponent(text.toWellFormed())}/invoke`
        const answer = await collect(emulator, { path, body: askInvoke('Hi') })

        expect(toError(answer)).toEqual(unknown)
      }),
      { numRuns: 50 },
    )
  })
})

describe('with lifecycle enforce', () => {
  test('a model that Bedrock still offers is served, although the Claude API retired it', async () => {
    const id = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
    const answer = await callModel(strict, id, { body: askInvoke('Hi') })

    expect(answer.status).toBe(200)
    expect(answer.headers['x-anthology-notice']).toContain('claude-opus-4-1-20250805 is deprecated')
  })

  test('a model that Bedrock retired is not found, and otherwise served with a notice', async () => {
    const id = 'us.anthropic.claude-opus-4-20250514-v1:0'
    const kept = await callModel(emulator, id, { body: askInvoke('Hi') })

    expect(toError(await callModel(strict, id, { body: askInvoke('Hi') }))).toEqual([
      404,
      'ResourceNotFoundException',
      'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
    ])
    expect([kept.status, kept.headers['x-anthology-notice']]).toEqual([
      200,
      expect.stringContaining('was retired'),
    ])
  })

  test.each([
    ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', '2026-04-27', '2026-04-28'],
    ['us.anthropic.claude-3-5-haiku-20241022-v1:0', '2026-06-18', '2026-06-19'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', '2026-07-29', '2026-07-30'],
    ['anthropic.claude-3-haiku-20240307-v1:0', '2026-09-09', '2026-09-10'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', '2026-10-13', '2026-10-14'],
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', '2027-01-07', '2027-01-08'],
  ])('%s is served on %s and at its end of life on %s', async (id, last, end) => {
    const on = (asOf: string) =>
      callModel(createEmulator({ asOf, lifecycle: 'enforce' }), id, { body: askInvoke('Hi') })

    expect((await on(last)).status).toBe(200)
    expect(toError(await on(end))).toMatchObject([404, 'ResourceNotFoundException', expect.any(String)])
  })

  test('an unreleased model is unknown', async () => {
    const early = createEmulator({ asOf: '2026-01-15', lifecycle: 'enforce' })
    const answer = await callModel(early, 'us.anthropic.claude-opus-5', { body: askInvoke('Hi') })

    expect(toError(answer)).toEqual(unknown)
  })
})

test.each([
  [
    'eu.anthropic.claude-opus-4-1-20250805-v1:0',
    'No source lists the inference profile eu. of Claude Opus 4.1',
  ],
  [
    'apac.anthropic.claude-opus-4-5-20251101-v1:0',
    'No source lists the inference profile apac. of Claude Opus 4.5',
  ],
  [
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-1-20250805-v1:0',
    'No source lists the inference profile eu. of Claude Opus 4.1',
  ],
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', null],
])('a notice says that nobody lists the profile %s', async (id, notice) => {
  const converse = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }
  const answers = await Promise.all([
    callModel(emulator, id, { body: askInvoke('Hi') }),
    callModel(emulator, id, { operation: 'invoke-with-response-stream', body: askInvoke('Hi') }),
    callModel(emulator, id, { operation: 'converse', body: converse }),
    callModel(emulator, id, { operation: 'converse-stream', body: converse }),
  ])

  for (const { status, headers } of answers) {
    expect(status).toBe(200)
    if (notice === null) expect(headers['x-anthology-notice'] ?? '').not.toContain('No source lists')
    else expect(headers['x-anthology-notice']).toContain(notice)
  }
})

test.each([
  ['GET', '/guardrails'],
  ['POST', '/model-invocation-job'],
  ['GET', '/foundation-model-availability/anthropic.claude-opus-5'],
  ['GET', '/bedrock/provisioned-model-throughputs'],
  ['POST', '/guardrail/a/version/1/apply'],
  ['GET', '/model/us.anthropic.claude-opus-5/invoke'],
  ['PUT', '/model/us.anthropic.claude-opus-5/converse-stream'],
  ['DELETE', '/inference-profiles/us.anthropic.claude-opus-5'],
  ['POST', '/bedrock/foundation-models'],
  ['POST', '/model/us.anthropic.claude-opus-5/invoke-with-bidirectional-stream'],
])('%s %s is no operation of Bedrock', async (method, path) => {
  const answer = await collect(emulator, { method, path, headers: { authorization: 'Bearer any' } })

  expect(toError(answer)).toEqual([
    404,
    'UnknownOperationException',
    'The action or operation requested is invalid. Verify that the action is typed correctly.',
  ])
})

describe('the control plane', () => {
  test('lists the profiles page by page, and returns each by id and by ARN', async () => {
    const all: Profile[] = []
    for (let token: string | undefined = ''; token !== undefined;) {
      const path = `/inference-profiles?type=SYSTEM_DEFINED&maxResults=10&nextToken=${encodeURIComponent(token)}`
      const page = await list(emulator, token === '' ? path.replace('&nextToken=', '') : path)
      all.push(...page.inferenceProfileSummaries)
      token = page.nextToken
    }
    const expected = models.flatMap(({ platforms, bedrockProfiles }) =>
      (bedrockProfiles ?? []).map((prefix) => `${prefix}.${platforms.bedrock}`),
    )

    expect(all.map(({ inferenceProfileId }) => inferenceProfileId).sort()).toEqual(expected.sort())
    for (const profile of all.slice(0, 3))
      for (const name of [profile.inferenceProfileId, profile.inferenceProfileArn])
        expect(getJson(await get(emulator, `/inference-profiles/${encodeURIComponent(name)}`))).toEqual(
          profile,
        )
  })

  test('uses the region of the signature in ARNs', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/bedrock/aws4_request, Signature=x'
    const profile = getJson(
      await get(emulator, '/inference-profiles/eu.anthropic.claude-opus-5', { authorization }),
    )

    expect(profile).toMatchObject({
      inferenceProfileName: 'EU Anthropic Claude Opus 5',
      inferenceProfileArn:
        'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5',
      models: expect.arrayContaining([
        { modelArn: 'arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5' },
      ]),
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
    })
  })

  test('rejects an unknown profile', async () => {
    expect(toError(await get(emulator, '/inference-profiles/us.anthropic.claude-opus-9'))).toMatchObject([
      404,
      'ResourceNotFoundException',
      expect.any(String),
    ])
  })

  test('lists the models, and marks those that only profiles serve', async () => {
    const { modelSummaries } = getJson(await get(emulator, '/foundation-models?byProvider=anthropic')) as {
      modelSummaries: { modelId: string; inferenceTypesSupported: string[]; modelLifecycle: object }[] // As AWS lists them.
    }
    const of = (id: string) => modelSummaries.find(({ modelId }) => modelId === id)

    expect(modelSummaries).toHaveLength(models.filter(({ platforms }) => platforms.bedrock !== null).length)
    expect(of('anthropic.claude-opus-4-1-20250805-v1:0')).toMatchObject({
      inferenceTypesSupported: ['INFERENCE_PROFILE'],
      modelLifecycle: {
        status: 'LEGACY',
        legacyTime: '2026-07-08T00:00:00+00:00',
        endOfLifeTime: '2027-01-08T00:00:00+00:00',
      },
    })
    expect(of('anthropic.claude-3-haiku-20240307-v1:0')).toMatchObject({
      inferenceTypesSupported: ['ON_DEMAND'],
    })
  })

  test('returns each model by its id and by its ARN, as it is in the list', async () => {
    const { modelSummaries } = getJson(await get(emulator, '/foundation-models')) as {
      modelSummaries: { modelId: string; modelArn: string }[] // As AWS lists them.
    }

    for (const modelDetails of modelSummaries)
      for (const name of [modelDetails.modelId, modelDetails.modelArn])
        expect(getJson(await get(emulator, `/foundation-models/${encodeURIComponent(name)}`))).toEqual({
          modelDetails,
        })
    for (const name of ['us.anthropic.claude-opus-5', 'anthropic.claude-opus-9', '%E0%A4%A'])
      expect(toError(await get(emulator, `/foundation-models/${name}`))).toEqual(unknown)
  })

  test('omits profiles of retired models with lifecycle enforce', async () => {
    const { inferenceProfileSummaries: left } = await list(strict, '/inference-profiles')
    const ids = left.map(({ inferenceProfileId }) => inferenceProfileId)

    expect(ids).toContain('us.anthropic.claude-opus-4-1-20250805-v1:0')
    expect(ids).not.toContain('us.anthropic.claude-opus-4-20250514-v1:0')
  })
})

interface Profile {
  readonly inferenceProfileId: string
  readonly inferenceProfileArn: string
}

interface Page {
  readonly inferenceProfileSummaries: readonly Profile[]
  readonly nextToken?: string
}

function get(of: Emulator, path: string, headers: Readonly<Record<string, string>> = {}) {
  return collect(of, { method: 'GET', path, headers })
}

async function list(of: Emulator, path: string): Promise<Page> {
  return getJson(await get(of, path)) as Page // As AWS lists them.
}
