import { createMessageAccumulator } from '@anthology/wire'
import type { Message } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import type { ScriptedReply } from '../../src/index.ts'
import { ask, getEvents } from '../collecting-receiver.ts'
import { findStreamFault } from '../stream-grammar.ts'
import { createWith, note, play, reject, replyWith, send } from './play.ts'

const model = 'claude-opus-4-5'
const tools = [{ type: 'web_search_20250305', name: 'web_search' }, note]
const id = 'srvtoolu_01A'
const use = { block: { type: 'server_tool_use', id, name: 'web_search', input: { query: 'tea' } } }
const found = {
  type: 'web_search_result',
  url: 'https://example.org/tea',
  title: 'Tea',
  encrypted_content: 'abc',
  page_age: null,
}
const result = { block: { type: 'web_search_tool_result', tool_use_id: id, content: [found] } }
const citation = {
  type: 'web_search_result_location',
  cited_text: 'Tea is hot.',
  url: found.url,
  title: found.title,
  encrypted_index: 'xyz',
}
const cited = { block: { type: 'text', text: 'Tea is hot.', citations: [citation] } }

describe('blocks', () => {
  test('of a server tool are sent as they are, and count as its requests', async () => {
    const message = await play({ blocks: [{ text: 'I search.' }, use, result, cited] }, { model, tools })

    expect(message).toMatchObject({
      content: [
        { type: 'text', text: 'I search.' },
        { ...use.block, caller: { type: 'direct' } },
        result.block,
        cited.block,
      ],
      stop_reason: 'end_turn',
      usage: { server_tool_use: { web_search_requests: 1 } },
    })
  })

  test.each<[string, ScriptedReply, object]>([
    ['a search and its citation', { blocks: [{ text: 'So.' }, use, result, cited] }, {}],
    [
      'a call beside them',
      { blocks: [use, result, { tool_call: { name: 'note', input: { city: 'L' } } }] },
      {},
    ],
    [
      'a call as the API has it',
      { blocks: [{ block: { type: 'tool_use', id: 'a', name: 'note', input: { city: 'L' } } }] },
      {},
    ],
    ['a type of a later version', { blocks: [{ block: { type: 'hologram', beam: { power: 3 } } }] }, {}],
    ['a pause with an open use', { blocks: [use], stop_reason: 'pause_turn' }, {}],
    [
      'thinking around a search',
      { blocks: [{ thinking: 'I search.' }, use, result, { thinking: 'I found it.' }, { text: 'Hot.' }] },
      { max_tokens: 3_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
    [
      'redacted thinking',
      { blocks: [{ redacted_thinking: true }, { text: 'Hot.' }] },
      { max_tokens: 3_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
  ])('with %s are the same plain and streamed', async (_name, reply, more) => {
    const plain = await play(reply, { model, tools, ...more })
    const events = await getEvents(replyWith(reply), ask('Hello!', { model, tools, ...more }))
    const accumulator = createMessageAccumulator()
    for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })

    expect(findStreamFault(events)).toBeNull()
    expect(accumulator.message()).toEqual(plain)
  })

  test('of an MCP server are streamed as other calls', async () => {
    const mcp = {
      mcp_servers: [{ type: 'url', url: 'https://example.org/mcp', name: 'docs' }],
      tools: [{ type: 'mcp_toolset', mcp_server_name: 'docs' }],
      model,
    }
    const called = {
      type: 'mcp_tool_use',
      id: 'mcptoolu_1',
      name: 'find',
      server_name: 'docs',
      input: { q: 1 },
    }
    const done = { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', content: 'nothing', is_error: false }
    const reply = { blocks: [{ block: called }, { block: done }, { text: 'None.' }] }
    const beta = { 'anthropic-beta': 'mcp-client-2025-11-20' }
    const events = await getEvents(replyWith(reply), ask('Hello!', mcp), beta)

    expect((await play(reply, mcp, beta)).content).toEqual([called, done, { type: 'text', text: 'None.' }])
    expect(findStreamFault(events)).toBeNull()
    expect(await reject(reply, { model, tools })).toBe(
      'reply.blocks.0.block: the request offers no MCP server "docs"',
    )
  })

  test('that pause a turn are continued by the next step', async () => {
    const emulator = createWith({
      when: { last_user: 'tea' },
      steps: [
        { reply: { blocks: [use], stop_reason: 'pause_turn' } },
        { reply: { blocks: [result, { text: 'Hot.' }] } },
      ],
    })
    const question = { role: 'user', content: 'Is tea hot?' }
    const [, paused] = await send(emulator, { model, max_tokens: 500, tools, messages: [question] })
    const { content } = paused as Message // The first step is one.
    const messages = [question, { role: 'assistant', content }]

    expect(await send(emulator, { model, max_tokens: 500, tools, messages })).toMatchObject([
      200,
      { content: [result.block, { type: 'text', text: 'Hot.' }], stop_reason: 'end_turn' },
    ])
  })

  test('with thinking between results are accepted when the client returns them', async () => {
    const blocks = [{ thinking: 'I search.' }, use, result, { thinking: 'Found.' }, { text: 'Hot.' }]
    const body = { model: 'claude-opus-5', max_tokens: 3_000, thinking: { type: 'adaptive' }, tools }
    const question = { role: 'user', content: 'Hello!' }
    const emulator = replyWith({ blocks })
    const [, first] = await send(emulator, { ...body, messages: [question] })
    const { content } = first as Message // The rule has no other answer.
    emulator.replaceScenario({ version: 1, rules: [] })
    const messages = [question, { role: 'assistant', content }, { role: 'user', content: 'And coffee?' }]

    expect((await send(emulator, { ...body, messages }))[0]).toBe(200)
  })

  test.each<[ScriptedReply, object, string]>([
    [
      { blocks: [use], stop_reason: 'pause_turn' },
      { tools: [note] },
      'stop_reason: only a turn with server tools pauses, and the request offers none',
    ],
    [
      { blocks: [use, result] },
      { tools: [note] },
      'blocks.0.block: the request offers no server tool "web_search"',
    ],
    [
      { blocks: [use] },
      {},
      'blocks: `web_search` tool use with id `srvtoolu_01A` was found without a corresponding `web_search_tool_result` block; only a paused turn can end so',
    ],
    [
      { blocks: [result] },
      {},
      'blocks.0.block: unexpected `tool_use_id` found in `web_search_tool_result` blocks: srvtoolu_01A. Each `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.',
    ],
    [
      { blocks: [{ text: 'a' }, { thinking: 'b' }] },
      { max_tokens: 3_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
      'blocks.1.thinking: thinking comes first in an answer, or after the result of a server tool',
    ],
    [
      { blocks: [{ text: 'a' }] },
      { max_tokens: 3_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
      'blocks: with a budget for thinking, an answer begins with a thinking block',
    ],
    [
      { blocks: [{ block: { type: 'text', text: 'a', citations: [{ type: '{{last_user}}' }] } }] },
      {},
      "blocks.0.block: text.citations.0: Input tag 'Hello!' found using 'type' does not match any of the expected tags: 'char_location', 'page_location', 'content_block_location', 'search_result_location', 'web_search_result_location'",
    ],
  ])('that the service could not send are refused: %j', async (reply, more, reason) => {
    expect(await reject(reply, { model, tools, ...more })).toBe(`reply.${reason}`)
  })

  test('cite documents that the model has seen, of the request or of a fetched page', async () => {
    const source = { type: 'text', media_type: 'text/plain', data: 'Tea is hot.' }
    const document = { type: 'document', source, citations: { enabled: true } }
    const place = {
      type: 'char_location',
      cited_text: 'Tea',
      document_title: null,
      start_char_index: 0,
      end_char_index: 3,
    }
    const cite = (index: number): ScriptedReply => ({
      blocks: [{ block: { type: 'text', text: 'Tea.', citations: [{ ...place, document_index: index }] } }],
    })
    const messages = [{ role: 'user', content: [document, { type: 'text', text: 'What is hot?' }] }]

    expect((await play(cite(0), { model, messages })).content).toMatchObject([
      { text: 'Tea.', citations: [{ document_index: 0 }] },
    ])
    expect(await reject(cite(1), { model, messages })).toBe(
      'reply.blocks.0.block.citations.0: cites the document with index 1, but the model has seen 1',
    )
    expect(await reject(cite(0), { model: 'claude-3-haiku-20240307' })).toBe(
      'reply.blocks.0.block: claude-3-haiku-20240307 has no citations',
    )
  })
})
