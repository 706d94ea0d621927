import { RateLimitError } from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ServiceQuotaExceededException,
} from '@aws-sdk/client-bedrock-runtime'
import { createEmulator } from '@anthology/emulator'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import OpenAI, { RateLimitError as OpenAiRateLimitError } from 'openai'
import { expect, test } from 'vitest'

import { startBefore } from './rig.ts'
import type { Target } from './rig.ts'
import { createNewestClient, toFailure } from './sdks.ts'

// Budgets as unmodified clients see them, at every protocol.

const scope = 'organization'
const question = 'Write 3000 words about rivers.'
const bedrockModel = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'

/** A gateway whose budget has room for a stream of some hundred tokens, and for no plain call with a large `max_tokens`. */
function start(limit = '0.005'): Promise<Target> {
  const emulator = createEmulator({ seed: 'budgets' })
  return startBefore(emulator, { budgets: { budgets: [{ scope, limit, window: 'day' }] } })
}

test('Messages: a refusal is a 429 that the client does not retry, and a stream ends with max_tokens', async () => {
  const target = await start()
  const client = createNewestClient(target)
  const request = {
    model: 'claude-haiku-4-5',
    max_tokens: 60_000,
    messages: [{ role: 'user' as const, content: question }],
  }

  const error = await toFailure(client.messages.create(request, { timeout: 60_000, maxRetries: 2 }))
  const message = await client.messages.stream(request).finalMessage()

  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ status: 429, error: { error: { type: 'billing_error' } } })
  expect(String(error)).toMatch(
    /budget of organization: limit 0\.005 USD per day .* spent 0\.00 USD.* resets at/,
  )
  expect((error as RateLimitError).headers?.get('x-should-retry')).toBe('false')
  expect(message.stop_reason).toBe('max_tokens')
  expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/\w{3}/) })
  expectHeld(target)
})

test('OpenAI: a refusal is insufficient_quota, and a stream ends with length', async () => {
  const target = await start()
  const client = new OpenAI({ baseURL: `${target.baseUrl}/v1/`, apiKey: target.key, maxRetries: 2 })
  const request = {
    model: 'claude-haiku-4-5',
    max_tokens: 60_000,
    messages: [{ role: 'user' as const, content: question }],
  }

  const error = await toFailure(client.chat.completions.create(request))
  const reasons: (string | null | undefined)[] = []
  const usages: unknown[] = []
  const stream = await client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  for await (const { choices, usage } of stream) {
    if (choices[0]?.finish_reason) reasons.push(choices[0].finish_reason)
    if (usage) usages.push(usage)
  }

  expect(error).toBeInstanceOf(OpenAiRateLimitError)
  expect(error).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' })
  expect(reasons).toEqual(['length'])
  expect(usages).toHaveLength(1)
  expectHeld(target)
})

test('Vertex AI: a refusal is RESOURCE_EXHAUSTED, and a stream ends with max_tokens', async () => {
  const target = await start()
  const headers = new Headers({ authorization: `Bearer ${target.key}` })
  const authClient = { projectId: null, getRequestHeaders: async () => headers }
  const client = new AnthropicVertex({
    baseURL: `${target.baseUrl}/v1`,
    region: 'us-east5',
    projectId: 'a-project',
    googleAuth: { getClient: async () => authClient } as never,
    maxRetries: 2,
  })
  const request = {
    model: 'claude-haiku-4-5@20251001',
    max_tokens: 60_000,
    messages: [{ role: 'user' as const, content: question }],
  }

  const error = await toFailure(client.messages.create(request, { timeout: 60_000 }))
  const message = await client.messages.stream(request).finalMessage()

  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ error: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } } })
  expect(message.stop_reason).toBe('max_tokens')
  expectHeld(target)
})

test('Bedrock: a refusal is an exception that AWS clients do not retry, and streams end with max_tokens', async () => {
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 60_000,
    messages: [{ role: 'user', content: question }],
  })
  const converse = {
    modelId: bedrockModel,
    inferenceConfig: { maxTokens: 60_000 },
    messages: [{ role: 'user' as const, content: [{ text: question }] }],
  }
  const invoked = await start()
  const conversed = await start()

  const errors = await Promise.all([
    toFailure(connectBedrock(invoked).send(new InvokeModelCommand({ modelId: bedrockModel, body }))),
    toFailure(connectBedrock(conversed).send(new ConverseCommand(converse))),
  ])
  const streamed = new InvokeModelWithResponseStreamCommand({ modelId: bedrockModel, body })
  const events: { type?: string; delta?: { stop_reason?: string } }[] = []
  for await (const { chunk } of (await connectBedrock(invoked).send(streamed)).body ?? [])
    events.push(JSON.parse(new TextDecoder().decode(chunk?.bytes)) as (typeof events)[number])
  const stops: unknown[] = []
  const { stream } = await connectBedrock(conversed).send(new ConverseStreamCommand(converse))
  for await (const { messageStop, metadata } of stream ?? [])
    if (messageStop !== undefined || metadata !== undefined)
      stops.push(messageStop?.stopReason ?? metadata?.usage)

  for (const error of errors) {
    expect(error).toBeInstanceOf(ServiceQuotaExceededException)
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 1 } })
    expect(String(error)).toContain('budget of organization')
  }
  expect(events.slice(-3).map(({ type }) => type)).toEqual([
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(events.at(-2)?.delta?.stop_reason).toBe('max_tokens')
  expect(stops).toMatchObject(['max_tokens', { outputTokens: expect.any(Number) }])
  expectHeld(invoked)
  expectHeld(conversed)
})

test('Claude Code is warned by the headers of its gateway protocol at 75 and at 95 percent', async () => {
  const target = await start('0.008')
  const client = createNewestClient(target)
  const seen = new Set<string | null>()

  for (let call = 0; call < 400; call += 1) {
    const request = {
      model: 'claude-haiku-4-5',
      max_tokens: 10,
      messages: [{ role: 'user' as const, content: 'Hi' }],
    }
    const answer = await client.messages
      .create(request)
      .withResponse()
      .catch(() => null)
    if (answer === null) break
    const { headers } = answer.response
    seen.add(headers.get('anthropic-ratelimit-unified-overage-surpassed-threshold'))
    if (seen.size > 1) expect(headers.get('anthropic-ratelimit-unified-status')).toBe('allowed_warning')
  }

  expect([...seen]).toEqual([null, '0.75', '0.95'])
})

function connectBedrock({ baseUrl, key }: Target): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint: baseUrl,
    region: 'us-east-1',
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler(),
  })
}

/** The ledger says why the stream ended, and the budget holds. */
function expectHeld(target: Target): void {
  const rows = target.calls()
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    stop_reason: 'max_tokens',
    error_type: 'budget_exceeded',
    outcome: 'answered',
  })
  expect(Number(rows[0]?.['cost_nano_usd'])).toBeGreaterThan(1_000_000)
  expect(Number(rows[0]?.['cost_nano_usd'])).toBeLessThanOrEqual(5_000_000)
}
