import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk'
import { APIError, PermissionDeniedError } from '@anthropic-ai/sdk'
import { expect, onTestFinished, test } from 'vitest'

import { runAnthology } from '../anthology-process.ts'
import { dieInTheMiddle } from './dying-upstream.ts'
import { describeMessages } from './messages-scenarios.ts'
import { startBefore, startServed, startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure, getStatus } from './sdks.ts'

// Anthropic's clients for Amazon Bedrock, unmodified, through the gateway.

describeMessages({
  title: 'AnthropicBedrock, signed',
  protocol: 'bedrock',
  model: 'us.anthropic.claude-opus-4-5-20251101-v1:0',
  connect: connectSigned,
})

describeMessages({
  title: 'AnthropicBedrock with a bearer token, behind a prefix',
  protocol: 'bedrock',
  model:
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0',
  connect: ({ baseUrl, key }) =>
    new AnthropicBedrock({ ...plainly, baseURL: `${baseUrl}/team/bedrock`, apiKey: key }),
})

describeMessages({
  title: 'AnthropicBedrockMantle, signed',
  protocol: 'messages',
  model: 'anthropic.claude-opus-4-5-20251101-v1:0',
  connect: (target) =>
    new AnthropicBedrockMantle({
      ...plainly,
      awsAccessKey: target.aws?.accessKeyId ?? null,
      awsSecretAccessKey: target.aws?.secretAccessKey ?? null,
      baseURL: `${target.baseUrl}/anthropic`,
    }),
})

test('throws an error of its own class for a wrong secret, and nothing is billed', async () => {
  const target = await startGateway()
  const client = connectSigned(target, { secretAccessKey: 'another secret' })

  const error = await toFailure(client.messages.create(hello))
  const streamed = await toFailure(client.messages.stream(hello).finalMessage())

  for (const each of [error, streamed]) {
    expect(each).toBeInstanceOf(PermissionDeniedError)
    expect(String(each)).toContain('The request signature we calculated does not match')
  }
  expect(target.calls()).toEqual([])
})

test('is rejected with a session token, because the gateway issues none', async () => {
  const target = await startGateway()
  const client = connectSigned(target, { sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' })

  const error = await toFailure(client.messages.create(hello))

  expect(error).toBeInstanceOf(PermissionDeniedError)
  expect(String(error)).toContain('The security token included in the request is invalid.')
})

test('signs with AWS credentials from the command line, until they are revoked', async () => {
  const { baseUrl, dataFolder } = await startServed()
  const keys = (...args: readonly string[]) =>
    runAnthology(['keys', ...args, '--data', dataFolder], dataFolder)
  // The output of the command with `--json`.
  const made = (await keys('create', '--name', 'batch job', '--aws')) as Record<string, string>
  const client = new AnthropicBedrock({
    ...plainly,
    baseURL: baseUrl,
    apiKey: null,
    awsAccessKey: made['aws_access_key_id'] ?? '',
    awsSecretKey: made['aws_secret_access_key'] ?? '',
  })
  const answer = () => getStatus(client.messages.create(hello))

  await expect.poll(answer).toBe(200)
  await keys('revoke', made['id'] ?? '')
  await expect.poll(answer).toBe(403)
})

test('throws when a stream fails in the middle', async () => {
  const target = await startBefore({ send: dieInTheMiddle })
  const client = connectSigned(target)

  const stream = client.messages.stream(hello)
  const error = await toFailure(stream.finalMessage())

  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ status: undefined, type: 'internalServerException' })
  expect(target.calls()).toMatchObject([{ protocol: 'bedrock', outcome: 'upstream_aborted' }])
})

test('sends betas in its header and its body, and the body wins', async () => {
  const target = await startGateway()
  const client = connectSigned(target)
  const call = { ...hello, model: 'us.anthropic.claude-opus-4-1-20250805-v1:0' }

  const message = await client.beta.messages.create({ ...call, betas: ['interleaved-thinking-2025-05-14'] })
  const unknown = await toFailure(client.beta.messages.create({ ...call, betas: ['time-travel-2031-01-01'] }))

  expect(message.stop_reason).toBe('end_turn')
  expect(String(unknown)).toContain('time-travel-2031-01-01')
})

const hello = {
  model: 'us.anthropic.claude-opus-4-5-20251101-v1:0',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

/** Without retries: an expectation is about one response. */
const plainly = { awsRegion: 'us-east-1', maxRetries: 0 }

function connectSigned(
  target: Target,
  { secretAccessKey, sessionToken }: { secretAccessKey?: string; sessionToken?: string } = {},
): AnthropicBedrock {
  const own = signedAs(target)
  return new AnthropicBedrock({
    ...plainly,
    ...own,
    awsSecretKey: secretAccessKey ?? own.awsSecretKey,
    awsSessionToken: sessionToken ?? null,
    baseURL: target.baseUrl,
  })
}

function signedAs({ aws }: Target) {
  // Null, because an absent value is read from the environment.
  return { apiKey: null, awsAccessKey: aws?.accessKeyId ?? '', awsSecretKey: aws?.secretAccessKey ?? '' }
}

async function startGateway(): Promise<Target> {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  return target
}
