import type { Message, MessageUsage } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { collect, getJson } from './collecting-receiver.ts'

const bedrock = '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0'
const vertex = '/v1/projects/p/locations/us-east5/publishers/anthropic/models'
const system = [
  {
    type: 'text',
    text: `Answer briefly. ${'Tea and cake. '.repeat(500)}`,
    cache_control: { type: 'ephemeral' },
  },
]
const turns = [{ role: 'user', content: 'Hello!' }]

type Ask = (emulator: Emulator) => Promise<Pick<Message, 'content'> & { readonly usage: Usage }>
type Usage = Pick<
  MessageUsage,
  'input_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens'
> & {
  readonly output_tokens: number
}

const protocols: Readonly<Record<string, Ask>> = {
  Messages: (emulator) =>
    post(emulator, '/v1/messages', { model: 'claude-opus-4-1', max_tokens: 500, system, messages: turns }),
  InvokeModel: (emulator) => {
    const anthropic_version = 'bedrock-2023-05-31'
    return post(emulator, `${bedrock}/invoke`, {
      anthropic_version,
      max_tokens: 500,
      system,
      messages: turns,
    })
  },
  Converse: async (emulator) => {
    const answer = await collect(emulator, {
      path: `${bedrock}/converse`,
      body: {
        system: [{ text: system[0]?.text }, { cachePoint: { type: 'default' } }],
        messages: [{ role: 'user', content: [{ text: 'Hello!' }] }],
        inferenceConfig: { maxTokens: 500 },
      },
    })
    const { output, usage } = getJson(answer) as Conversation // The shape of every answer of Converse.
    return {
      content: output.message.content.map(({ text }) => ({ type: 'text', text })),
      usage: {
        input_tokens: usage.inputTokens,
        output_tokens: usage.outputTokens,
        cache_read_input_tokens: usage.cacheReadInputTokens,
        cache_creation_input_tokens: usage.cacheWriteInputTokens,
      },
    }
  },
  Vertex: (emulator) => {
    const path = `${vertex}/claude-opus-4-1@20250805:rawPredict`
    const anthropic_version = 'vertex-2023-10-16'
    return post(emulator, path, { anthropic_version, max_tokens: 500, system, messages: turns })
  },
}

describe.each(Object.keys(protocols))('the cache that a call through %s fills', (first) => {
  test.each(Object.keys(protocols))(
    'is read by the same call through %s, which has the same content and cost',
    async (next) => {
      const emulator = createEmulator({ asOf: '2026-11-22' })

      const written = await protocols[first]?.(emulator)
      const read = await protocols[next]?.(emulator)

      expect(written?.usage.cache_creation_input_tokens).toBeGreaterThan(1_024)
      expect(read?.content).toEqual(written?.content)
      expect(read?.usage).toMatchObject({
        input_tokens: written?.usage.input_tokens,
        output_tokens: written?.usage.output_tokens,
        cache_read_input_tokens: written?.usage.cache_creation_input_tokens,
        cache_creation_input_tokens: 0,
      })
    },
  )
})

describe('the Messages API', () => {
  test.each([
    '/v1/messages',
    '/anthropic/v1/messages',
    '/proxy/anthropic/v1/messages?api-version=x',
    '/v1/projects/p/locations/global/workspaces/w/invoke/v1/messages',
  ])('is found at %s', async (path) => {
    const body = { model: 'claude-opus-4-1', max_tokens: 500, messages: turns }
    const emulator = createEmulator({ asOf: '2026-11-22' })

    expect(getJson(await collect(emulator, { path, body }))).toMatchObject({ type: 'message' })
  })
})

interface Conversation {
  readonly output: { readonly message: { readonly content: readonly { readonly text: string }[] } }
  readonly usage: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cacheReadInputTokens: number
    readonly cacheWriteInputTokens: number
  }
}

async function post(emulator: Emulator, path: string, body: unknown): Promise<Message> {
  return getJson(await collect(emulator, { path, body })) as Message // The tests look at the members they are about.
}
