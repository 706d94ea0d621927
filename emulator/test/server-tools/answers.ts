import type { Message } from '@anthology/wire'
import { expect } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getJson } from '../collecting-receiver.ts'

export const now = () => Date.parse('2025-11-22T10:00:00Z')
export const emulator = createEmulator({ asOf: '2025-11-22', now })
export const betas = {
  'anthropic-beta': 'web-fetch-2025-09-10,code-execution-2025-05-22,code-execution-2025-08-25',
}
export const webSearch = { type: 'web_search_20250305', name: 'web_search' }
export const webFetch = { type: 'web_fetch_20250910', name: 'web_fetch' }
export const python = { type: 'code_execution_20250522', name: 'code_execution' }
export const bash = { type: 'code_execution_20250825', name: 'code_execution' }
export const client = { name: 'get_weather', input_schema: { type: 'object' } }
export const tea = 'https://kitchen.example.org/tea'

export function getAnswer(question: string, ...tools: readonly object[]): Promise<Message> {
  return send(ask(question, { tools }))
}

export async function send(body: Readonly<Record<string, unknown>>): Promise<Message> {
  const collected = await collect(emulator, { body, headers: betas })
  expect(collected.status).toBe(200)
  // With status 200 the body is a message.
  return getJson(collected) as Message
}

export function continueAnswer(
  question: string,
  { content }: Message,
  ...tools: readonly object[]
): Promise<Message> {
  const messages = [
    { role: 'user', content: question },
    { role: 'assistant', content },
  ]
  return send(ask('', { messages, tools }))
}

export function listResults(content: Message['content']): readonly unknown[] {
  return content.flatMap((block) => ('tool_use_id' in block ? [block.content] : []))
}

export function idsIn(content: Message['content']): readonly string[] {
  return content.flatMap((block) => (block.type === 'server_tool_use' ? block.id : []))
}
