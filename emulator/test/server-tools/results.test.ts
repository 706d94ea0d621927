import { expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getJson, getMessage } from '../collecting-receiver.ts'
import { getAnswer, betas, emulator, webSearch } from './answers.ts'

const question = 'Search for green tea'

test('results of server tools are input of the same response, but not of count_tokens', async () => {
  const { max_tokens: _most, ...counted } = ask(question, { tools: [webSearch] })
  const path = '/v1/messages/count_tokens'
  // The endpoint returns only token counts.
  const count = getJson(await collect(emulator, { path, body: counted, headers: betas })) as {
    input_tokens: number
  }
  const answer = await getAnswer(question, webSearch)
  const idle = await getAnswer('Hello', webSearch)
  const { max_tokens: _same, ...idleCounted } = ask('Hello', { tools: [webSearch] })
  const idleCount = getJson(await collect(emulator, { path, body: idleCounted, headers: betas }))

  // A search has several results of some dozens of tokens.
  expect(answer.usage.input_tokens).toBeGreaterThan(count.input_tokens + 100)
  expect(idleCount).toEqual({ input_tokens: idle.usage.input_tokens })
})

test('since 2026 calls and results of web tools have a caller', async () => {
  const later = createEmulator({ asOf: '2026-11-22' })
  const direct = { caller: { type: 'direct' } }
  const client = { name: 'get_weather', input_schema: { type: 'object' } }
  const model = 'claude-opus-5'
  const searched = await getMessage(later, ask(question, { model, tools: [webSearch] }))
  const called = await getMessage(later, ask('Use get_weather', { model, tools: [client] }))
  const before = await getAnswer(question, webSearch)
  const ofTools = searched.content.filter(({ type }) => type !== 'text' && type !== 'thinking')

  expect(ofTools).toMatchObject([
    { type: 'server_tool_use', ...direct },
    { type: 'web_search_tool_result', ...direct },
  ])
  expect(called.content.at(-1)).toMatchObject({ type: 'tool_use', ...direct })
  expect(JSON.stringify(before)).not.toContain('caller')
})

test('a client may omit the caller of a returned call: the cached prefix is the same', async () => {
  const later = createEmulator({ asOf: '2026-11-22' })
  const tools = [
    { name: 'get_weather', description: 'weather '.repeat(3_000), input_schema: { type: 'object' } },
  ]
  const asked = { role: 'user', content: 'Use get_weather' }
  const body = { model: 'claude-opus-5', tools, max_tokens: 1_000, cache_control: { type: 'ephemeral' } }
  const { content } = await getMessage(later, { ...body, messages: [asked] })
  const ids = content.flatMap((block) => (block.type === 'tool_use' ? block.id : []))
  const results = ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'Rain' }))
  const conversation = (answer: unknown) => [
    asked,
    { role: 'assistant', content: answer },
    { role: 'user', content: results },
  ]
  const bare = content.map((block) =>
    Object.fromEntries(Object.entries(block).filter(([name]) => name !== 'caller')),
  )

  const first = await getMessage(later, { ...body, messages: conversation(content) })
  const second = await getMessage(later, { ...body, messages: conversation(bare) })

  expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(0)
  expect(second.usage.cache_read_input_tokens).toBe(
    (first.usage.cache_creation_input_tokens ?? 0) + (first.usage.cache_read_input_tokens ?? 0),
  )
})
