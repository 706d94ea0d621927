import { AuthenticationError, BadRequestError } from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { describe, expect, onTestFinished, test } from 'vitest'

import { describeMessages } from './messages-scenarios.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

// Anthropic's client for Google Cloud, unmodified, through the gateway.

describe.each(['/v1', '', '/team/vertex/v1'])('at the base %j', (base) => {
  describeMessages({
    title: 'AnthropicVertex',
    protocol: 'vertex',
    model: 'claude-opus-4-5@20251101',
    connect: (target) => connect(target, { baseURL: `${target.baseUrl}${base}` }),
  })
})

test('counts the tokens that the call then uses, for free', async () => {
  const target = await startGateway()
  const client = connect(target)

  const { input_tokens: counted } = await client.messages.countTokens({
    model: hello.model,
    messages: hello.messages,
  })
  const rows = target.calls().length
  const message = await client.messages.create(hello)

  expect(message.usage.input_tokens).toBe(counted)
  expect(rows).toBe(0)
})

test('is rejected with an unknown token, and nothing is billed', async () => {
  const target = await startGateway()
  const client = connect(target, {}, 'ya29.a-token-of-googles')

  const error = await toFailure(client.messages.create(hello))
  const streamed = await toFailure(client.messages.stream(hello).finalMessage())

  for (const each of [error, streamed]) {
    expect(each).toBeInstanceOf(AuthenticationError)
    expect(String(each)).toContain('UNAUTHENTICATED')
  }
  expect(target.calls()).toEqual([])
})

test('sends betas in its header', async () => {
  const target = await startGateway()
  const client = connect(target)

  const message = await client.beta.messages.create({ ...hello, betas: ['interleaved-thinking-2025-05-14'] })
  const unknown = await toFailure(
    client.beta.messages.create({ ...hello, betas: ['time-travel-2031-01-01'] }),
  )

  expect(message.stop_reason).toBe('end_turn')
  expect(unknown).toBeInstanceOf(BadRequestError)
  expect(String(unknown)).toContain('time-travel-2031-01-01')
})

const hello = {
  model: 'claude-opus-4-5@20251101',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

type Options = NonNullable<ConstructorParameters<typeof AnthropicVertex>[0]>
type GoogleAuth = NonNullable<Options['googleAuth']>

function connect({ baseUrl, key }: Target, options: Options = {}, token = key): AnthropicVertex {
  return new AnthropicVertex({
    baseURL: `${baseUrl}/v1`,
    region: 'us-east5',
    projectId: 'a-project',
    googleAuth: getToken(token),
    maxRetries: 0,
    ...options,
  })
}

/** The client's source of tokens; it requests one before every call, with any base URL. */
function getToken(token: string): GoogleAuth {
  const headers = new Headers({ authorization: `Bearer ${token}` })
  const authClient = { projectId: null, getRequestHeaders: async () => headers }
  // The client calls nothing else of Google's library.
  return { getClient: async () => authClient } as unknown as GoogleAuth
}

async function startGateway(): Promise<Target> {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  return target
}
