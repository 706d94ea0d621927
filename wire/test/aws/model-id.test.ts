import { describe, expect, test } from 'vitest'
import { isBedrockModelPath, isBedrockRequest, parseBedrockPath } from '../../src/aws/bedrock-path.ts'
import { parseBedrockModelId } from '../../src/aws/model-id.ts'

describe('the path', () => {
  test.each([
    ['/model/m/invoke', { operation: 'invoke', prefix: '', modelId: 'm' }],
    [
      '/model/m%3A0/invoke-with-response-stream',
      { operation: 'invoke_stream', prefix: '', modelId: 'm%3A0' },
    ],
    ['/model/m:0/converse', { operation: 'converse', prefix: '', modelId: 'm:0' }],
    [
      '/bedrock/a/model/m/converse-stream',
      { operation: 'converse_stream', prefix: '/bedrock/a', modelId: 'm' },
    ],
    [
      '/model/arn%3Aaws%2Fx/count-tokens',
      { operation: 'count_tokens', prefix: '', modelId: 'arn%3Aaws%2Fx' },
    ],
    ['/model/model/invoke', { operation: 'invoke', prefix: '', modelId: 'model' }],
    ['/b/inference-profiles', { operation: 'list_profiles', prefix: '/b' }],
    ['/inference-profiles/us.a', { operation: 'get_profile', prefix: '', profileId: 'us.a' }],
    ['/foundation-models', { operation: 'list_models', prefix: '' }],
    ['/b/foundation-models/a%3A0', { operation: 'get_model', prefix: '/b', modelSegment: 'a%3A0' }],
  ])('%s is recognized', (path, expected) => {
    expect(parseBedrockPath(path)).toEqual(expected)
  })

  test.each([
    '/',
    '',
    '/model/invoke',
    '/model//invoke',
    '/model/m/',
    '/model/m/invoke/',
    '/models/m/invoke',
    '/model/a/b/invoke',
    '/model/m/invoke-with-bidirectional-stream',
    '/inference-profiles/',
    '/v1/messages',
  ])('%j is no Bedrock path', (path) => {
    expect(parseBedrockPath(path)).toBeNull()
  })

  test.each([
    ['/model/m/invoke', true],
    ['/bedrock/model/m/invoke-with-bidirectional-stream', true],
    ['/model/m/', false],
    ['/model//invoke', false],
    ['/models/m/invoke', false],
    ['/v1/messages', false],
    ['', false],
  ])('%j names an operation on a model: %s', (path, expected) => {
    expect(isBedrockModelPath(path)).toBe(expected)
  })
})

describe('a request without a route', () => {
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['/guardrails', {}, true],
    ['/b/provisioned-model-throughput/abc', {}, true],
    ['/model/m/other', {}, true],
    ['/anything', { 'amz-sdk-invocation-id': 'a' }, true],
    [
      '/anything',
      { authorization: 'AWS4-HMAC-SHA256 Credential=A/20261122/us-east-1/bedrock/aws4_request' },
      true,
    ],
    ['/anything', { authorization: 'Bearer a' }, false],
    ['/v1/skills', {}, false],
  ])('%s with %j is for Bedrock: %s', (path, headers, expected) => {
    expect(isBedrockRequest(path, headers)).toBe(expected)
  })
})

describe('the id of a model', () => {
  test.each([
    ['anthropic.claude-opus-5', 'model', null],
    ['anthropic.claude-opus-4-1-20250805-v1:0', 'model', null],
    ['anthropic.claude-opus-4-1-20250805-v1%3A0', 'model', null],
    ['us.anthropic.claude-opus-4-1-20250805-v1%3A0', 'profile', 'us'],
    ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'profile', 'us-gov'],
    ['global.anthropic.claude-opus-5', 'profile', 'global'],
    ['usual.model', 'model', null],
    ['claude-opus-4-1', 'model', null],
  ])('%s is a %s', (segment, kind, profile) => {
    const text = decodeURIComponent(segment)

    expect(parseBedrockModelId(segment)).toEqual({
      ok: true,
      id: { kind, text, name: text, profile, arn: null },
    })
  })

  test.each([
    [
      'arn:aws:bedrock:us-east-1::foundation-model%2Fanthropic.claude-opus-5',
      {
        partition: 'aws',
        region: 'us-east-1',
        account: '',
        resource: 'foundation-model',
        resourceId: 'anthropic.claude-opus-5',
      },
      null,
      true,
    ],
    [
      'arn%3Aaws-us-gov%3Abedrock%3Aus-gov-west-1%3A123456789012%3Ainference-profile%2Fus-gov.anthropic.claude-x-v1%3A0',
      {
        partition: 'aws-us-gov',
        region: 'us-gov-west-1',
        account: '123456789012',
        resource: 'inference-profile',
        resourceId: 'us-gov.anthropic.claude-x-v1:0',
      },
      'us-gov',
      true,
    ],
    [
      'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile%2Fa1b2c3d4e5f6',
      {
        partition: 'aws',
        region: 'eu-west-1',
        account: '123456789012',
        resource: 'application-inference-profile',
        resourceId: 'a1b2c3d4e5f6',
      },
      null,
      false,
    ],
    [
      'arn:aws-cn:bedrock:cn-north-1:123456789012:provisioned-model/abc',
      {
        partition: 'aws-cn',
        region: 'cn-north-1',
        account: '123456789012',
        resource: 'provisioned-model',
        resourceId: 'abc',
      },
      null,
      false,
    ],
  ])('%s is an ARN whose parts are read', (segment, arn, profile, telling) => {
    const text = decodeURIComponent(segment)

    expect(parseBedrockModelId(segment)).toEqual({
      ok: true,
      id: { kind: 'arn', text, name: telling ? text : null, profile, arn },
    })
  })

  test.each([
    ['an empty one', ''],
    ['an invalid escape', 'a%zz'],
    ['bytes that are not UTF-8', '%ff'],
    ['one that was encoded twice', 'a%253A0'],
    ['whitespace', 'a%20b'],
    ['a control character', 'a%0Ab'],
    ['a path traversal', '%2e%2e%2fadmin'],
    ['one that is too long', 'a'.repeat(2_049)],
    ['an ARN of another service', 'arn:aws:lambda:us-east-1:123456789012:function%2Fx'],
    ['an ARN with a short account', 'arn:aws:bedrock:us-east-1:12:inference-profile%2Fx'],
    ['an ARN without a resource', 'arn:aws:bedrock:us-east-1:123456789012:inference-profile'],
  ])('%s is rejected', (_, segment) => {
    expect(parseBedrockModelId(segment)).toEqual({
      ok: false,
      type: 'ValidationException',
      message: 'The provided model identifier is invalid.',
    })
  })
})
