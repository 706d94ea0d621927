import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk'
import Anthropic, { AuthenticationError } from '@anthropic-ai/sdk'
import { expect, onTestFinished, test } from 'vitest'

import { describeMessages } from './messages-scenarios.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

// The Messages API under a prefix: Microsoft Foundry, and Anthropic's own endpoint on Google Cloud.

describeMessages({
  title: 'AnthropicFoundry with a key',
  protocol: 'messages',
  model: 'claude-opus-4-5',
  connect: ({ baseUrl, key }) =>
    new AnthropicFoundry({ baseURL: `${baseUrl}/anthropic/`, apiKey: key, maxRetries: 0 }),
})

describeMessages({
  title: 'AnthropicFoundry with a token of Entra',
  protocol: 'messages',
  model: 'claude-opus-4-5',
  connect: ({ baseUrl, key }) =>
    new AnthropicFoundry({
      baseURL: `${baseUrl}/anthropic/`,
      azureADTokenProvider: async () => key,
      maxRetries: 0,
    }),
})

describeMessages({
  title: 'the path of Claude on Google Cloud, run by Anthropic',
  protocol: 'messages',
  model: 'claude-opus-4-5',
  connect: ({ baseUrl, key }) =>
    new Anthropic({
      baseURL: `${baseUrl}/v1/projects/a-project/locations/global/workspaces/wrkspc_01/invoke`,
      authToken: key,
      apiKey: null,
      maxRetries: 0,
    }),
})

test('counts tokens, for free', async () => {
  const target = await startGateway()
  const client = new AnthropicFoundry({ baseURL: `${target.baseUrl}/anthropic/`, apiKey: target.key })

  const { input_tokens: counted } = await client.messages.countTokens(hello)
  const rows = target.calls().length
  const message = await client.messages.create({ ...hello, max_tokens: 100 })

  expect([message.usage.input_tokens, rows]).toEqual([counted, 0])
})

test('sends a key under its name on Azure', async () => {
  const target = await startGateway()

  const answer = await fetch(`${target.baseUrl}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'api-key': target.key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({ ...hello, max_tokens: 100 }),
  })

  expect(answer.status).toBe(200)
  expect(target.calls()).toMatchObject([{ protocol: 'messages', key_id: 'local' }])
})

test('is rejected with an unknown key', async () => {
  const { baseUrl } = await startGateway()
  const client = new AnthropicFoundry({
    baseURL: `${baseUrl}/anthropic/`,
    apiKey: 'a-key-of-azure',
    maxRetries: 0,
  })

  const error = await toFailure(client.messages.create({ ...hello, max_tokens: 100 }))

  expect(error).toBeInstanceOf(AuthenticationError)
})

const hello = {
  model: 'claude-opus-4-5',
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

async function startGateway(): Promise<Target> {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  return target
}
