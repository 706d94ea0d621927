import { createMessageAccumulator } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getEvents, getMessage } from '../collecting-receiver.ts'
import { findStreamFault } from '../stream-grammar.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })
const text = 'Grass is green. The sky is blue. Water is wet.'
const citations = { enabled: true }
const plain = {
  type: 'document',
  title: 'Colours',
  citations,
  source: { type: 'text', media_type: 'text/plain', data: text },
}
const parts = {
  type: 'document',
  citations,
  source: {
    type: 'content',
    content: [
      { type: 'text', text: 'First part' },
      { type: 'text', text: 'The second part is about the sky' },
    ],
  },
}
const result = {
  type: 'search_result',
  source: 'https://example.com',
  title: 'Sky',
  citations,
  content: [{ type: 'text', text: 'Up there.' }],
}

describe('citations', () => {
  test('have the character range in a text, and the index in a list of blocks', async () => {
    const message = await getMessage(emulator, about('What colour is the sky?', plain, parts))
    const [, first, second] = message.content

    expect(first).toMatchObject({
      citations: [
        {
          type: 'char_location',
          cited_text: 'The sky is blue.',
          document_index: 0,
          document_title: 'Colours',
          start_char_index: 16,
          end_char_index: 32,
          file_id: null,
        },
      ],
    })
    expect(text.slice(16, 32)).toBe('The sky is blue.')
    expect(second).toMatchObject({
      citations: [
        {
          type: 'content_block_location',
          cited_text: 'The second part is about the sky',
          document_index: 1,
          document_title: null,
          start_block_index: 1,
          end_block_index: 2,
        },
      ],
    })
  })

  test('of search results have a separate index, also inside a tool result', async () => {
    const messages = [
      { role: 'user', content: [plain, { type: 'text', text: 'Look it up' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [result] }] },
    ]
    const tools = [{ name: 'look', input_schema: { type: 'object' } }]
    const { content } = await getMessage(emulator, ask('', { messages, tools }))

    expect(content.at(-1)).toMatchObject({
      citations: [
        {
          type: 'search_result_location',
          cited_text: 'Up there.',
          source: 'https://example.com',
          title: 'Sky',
          search_result_index: 0,
          start_block_index: 0,
          end_block_index: 1,
        },
      ],
    })
  })

  test('are sent in separate deltas', async () => {
    const body = about('What colour is the sky?', plain)
    const events = await getEvents(emulator, body)
    const accumulator = createMessageAccumulator()
    for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })

    expect(findStreamFault(events)).toBeNull()
    expect(accumulator.message()?.content).toEqual((await getMessage(emulator, body)).content)
    expect(JSON.stringify(events)).toContain('citations_delta')
  })

  test('are not created unless enabled, nor for a truncated text', async () => {
    const silent = await getMessage(emulator, about('Why?', { ...plain, citations: null }))
    const whole = await getMessage(emulator, about('Why?', plain))
    const max_tokens = whole.usage.output_tokens - 1
    const cut = await getMessage(emulator, { ...about('Why?', plain), max_tokens })

    expect(JSON.stringify(silent)).not.toContain('citations')
    expect(JSON.stringify(whole)).toContain('citations')
    expect(cut.stop_reason).toBe('max_tokens')
    expect(JSON.stringify(cut)).not.toContain('citations')
  })

  test('are not created for unread documents, and a notice reports it', async () => {
    const pdf = { type: 'document', citations, source: { type: 'url', url: 'https://example.com/a.pdf' } }
    const { headers } = await collect(emulator, { body: about('Why?', pdf) })

    expect(headers['x-anthology-notice']).toContain('does not read PDFs')
  })
})

function about(question: string, ...blocks: readonly unknown[]) {
  return ask('', { messages: [{ role: 'user', content: [...blocks, { type: 'text', text: question }] }] })
}
