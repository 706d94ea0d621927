import { describe, expect, test } from 'vitest'
import { listFoundationModels } from '../../src/aws/foundation-model.ts'
import { findInferenceProfile, listInferenceProfiles } from '../../src/aws/inference-profile.ts'
import type { ProfileFacts } from '../../src/aws/inference-profile.ts'

describe('the list of inference profiles', () => {
  test('has the shape of the Bedrock API', () => {
    const list = listInferenceProfiles([opus], '', place)

    expect(list).toEqual({
      ok: true,
      body: {
        inferenceProfileSummaries: [
          {
            inferenceProfileName: 'US Anthropic Claude Opus 5',
            description: 'Routes requests to Anthropic Claude Opus 5 in us-east-1 and us-west-2.',
            createdAt: '2026-05-01T00:00:00Z',
            updatedAt: '2026-05-01T00:00:00Z',
            inferenceProfileArn:
              'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5',
            models: [
              { modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5' },
              { modelArn: 'arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-5' },
            ],
            inferenceProfileId: 'us.anthropic.claude-opus-5',
            status: 'ACTIVE',
            type: 'SYSTEM_DEFINED',
          },
        ],
      },
    })
  })

  test('is paged, with each profile once', () => {
    const ids: string[] = []
    let query = 'maxResults=2'
    for (let pages = 0; pages < 3; pages += 1) {
      const page = listInferenceProfiles(five, query, place)
      if (!page.ok) throw new Error(page.message)
      ids.push(...page.body.inferenceProfileSummaries.map(({ inferenceProfileId }) => inferenceProfileId))
      expect(page.body.nextToken === undefined).toBe(pages === 2)
      query = `maxResults=2&nextToken=${encodeURIComponent(page.body.nextToken ?? '')}`
    }

    expect(ids).toEqual(five.map(({ id }) => id))
  })

  test('continues after the same profile when others were added', () => {
    const first = listInferenceProfiles(five, 'maxResults=1', place)
    if (!first.ok) throw new Error(first.message)

    const query = `nextToken=${encodeURIComponent(first.body.nextToken ?? '')}`
    const rest = listInferenceProfiles([profile('new'), ...five], query, place)

    expect(listIds(rest)).toEqual(['p1', 'p2', 'p3', 'p4'])
  })

  test('has no empty last page', () => {
    const page = listInferenceProfiles(five, 'maxResults=5', place)

    expect(page).toMatchObject({ ok: true })
    expect(page.ok && page.body.nextToken).toBeUndefined()
  })

  test('is filtered by type', () => {
    expect(listIds(listInferenceProfiles(five, 'type=SYSTEM_DEFINED', place))).toHaveLength(5)
    expect(listIds(listInferenceProfiles(five, 'type=APPLICATION', place))).toEqual([])
  })

  test.each([
    [
      'maxResults=0',
      "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'maxResults=1001',
      "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ],
    ['maxResults=many', 'maxResults: Input should be a valid integer'],
    ['maxResults=1.5', 'maxResults: Input should be a valid integer'],
    [
      'type=OTHER',
      "1 validation error detected: Value 'OTHER' at 'typeEquals' failed to satisfy constraint: Member must satisfy enum value set: [SYSTEM_DEFINED, APPLICATION]",
    ],
    ['nextToken=*', 'The nextToken is invalid.'],
    ['nextToken=Z29uZQ%3D%3D', 'The nextToken is invalid.'],
  ])('rejects %s', (query, message) => {
    expect(listInferenceProfiles(five, query, place)).toEqual({
      ok: false,
      type: 'ValidationException',
      message,
    })
  })
})

describe('one inference profile', () => {
  test.each([
    ['its id', 'us.anthropic.claude-opus-5'],
    [
      'its ARN',
      'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-opus-5',
    ],
  ])('is found by %s', (_, segment) => {
    const found = findInferenceProfile([opus], segment, { region: 'us-gov-west-1', account: '1' })

    expect(found).toMatchObject({
      ok: true,
      body: {
        inferenceProfileArn:
          'arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us.anthropic.claude-opus-5',
        models: [{}, {}],
      },
    })
  })

  test.each([
    ['us.anthropic.claude-opus-9', 'ResourceNotFoundException'],
    ['anthropic.claude-opus-5', 'ResourceNotFoundException'],
    [
      'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fus.anthropic.claude-opus-5',
      'ResourceNotFoundException',
    ],
    ['%zz', 'ValidationException'],
  ])('is not %s', (segment, type) => {
    expect(findInferenceProfile([opus], segment, place)).toMatchObject({ ok: false, type })
  })
})

describe('the list of models', () => {
  const facts = [
    {
      id: 'anthropic.claude-opus-5',
      name: 'Claude Opus 5',
      readsImages: true,
      onDemand: false,
      status: 'ACTIVE',
    },
    {
      id: 'anthropic.claude-v2',
      name: 'Claude',
      readsImages: false,
      onDemand: true,
      status: 'LEGACY',
      legacyDay: '2025-01-21',
      endOfLifeDay: '2025-07-21',
    },
  ] as const

  test('has the shape of the Bedrock API', () => {
    const [first, second] = listFoundationModels(facts, 'byProvider=anthropic', 'eu-west-1').modelSummaries

    expect(first).toEqual({
      modelArn: 'arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5',
      modelId: 'anthropic.claude-opus-5',
      modelName: 'Claude Opus 5',
      providerName: 'Anthropic',
      inputModalities: ['TEXT', 'IMAGE'],
      outputModalities: ['TEXT'],
      responseStreamingSupported: true,
      customizationsSupported: [],
      inferenceTypesSupported: ['INFERENCE_PROFILE'],
      modelLifecycle: { status: 'ACTIVE' },
    })
    expect(second).toMatchObject({
      inputModalities: ['TEXT'],
      inferenceTypesSupported: ['ON_DEMAND'],
      modelLifecycle: {
        status: 'LEGACY',
        legacyTime: '2025-01-21T00:00:00+00:00',
        endOfLifeTime: '2025-07-21T00:00:00+00:00',
      },
    })
  })

  test.each([
    ['', 2],
    ['byProvider=Anthropic', 2],
    ['byProvider=amazon', 0],
    ['byOutputModality=TEXT', 2],
    ['byOutputModality=IMAGE', 0],
    ['byCustomizationType=FINE_TUNING', 0],
    ['byInferenceType=ON_DEMAND', 1],
    ['byInferenceType=PROVISIONED', 0],
  ])('is filtered by %j', (query, count) => {
    expect(listFoundationModels(facts, query, 'us-east-1').modelSummaries).toHaveLength(count)
  })
})

const place = { region: 'us-east-1', account: '123456789012' }

const opus: ProfileFacts = {
  id: 'us.anthropic.claude-opus-5',
  name: 'US Anthropic Claude Opus 5',
  description: 'Routes requests to Anthropic Claude Opus 5 in us-east-1 and us-west-2.',
  modelId: 'anthropic.claude-opus-5',
  regions: ['us-east-1', 'us-west-2'],
  createdAt: '2026-05-01T00:00:00Z',
}

const five = ['p0', 'p1', 'p2', 'p3', 'p4'].map(profile)

function profile(id: string): ProfileFacts {
  return { ...opus, id }
}

function listIds(list: ReturnType<typeof listInferenceProfiles>): string[] {
  if (!list.ok) throw new Error(list.message)
  return list.body.inferenceProfileSummaries.map(({ inferenceProfileId }) => inferenceProfileId)
}
