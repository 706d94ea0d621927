import { describe, expect, test } from 'vitest'

import { messagesToConverse } from '../../src/converse/from-messages.ts'
import { parseMessagesRequest } from '../../src/messages/schema.ts'
import type { MessagesRequest } from '../../src/messages/request.ts'

const hi = { role: 'user', content: 'Hi' }
const tools = [{ name: 'f', input_schema: { type: 'object' } }]
const paper = (title: string | null) => ({
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data: 'Ünder' },
  title,
})

describe('rejects with its path', () => {
  test.each<[string, object, string]>([
    [
      'a long name of a tool',
      { tools: [{ name: 'f'.repeat(65), input_schema: { type: 'object' } }] },
      'tools.0.name',
    ],
    [
      'a long id of a call',
      {
        tools,
        messages: [hi, { role: 'assistant', content: [call('a'.repeat(65))] }, answered('a'.repeat(65))],
      },
      'messages.1.content.0.id',
    ],
    [
      'calls without tools',
      { messages: [hi, { role: 'assistant', content: [call('a')] }, answered('a')] },
      'tools',
    ],
    [
      'redacted thinking that is not base64',
      { messages: [hi, { role: 'assistant', content: [{ type: 'redacted_thinking', data: '?' }] }, hi] },
      'messages.1.content.0.data',
    ],
    [
      'an image inside the content of a document',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                source: {
                  type: 'content',
                  content: [
                    { type: 'text', text: 'a' },
                    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
                  ],
                },
              },
            ],
          },
        ],
      },
      'messages.0.content.0.source.content.1',
    ],
  ])('%s', (_, more, path) => {
    expect(messagesToConverse(request(more))).toEqual({
      ok: false,
      problem: { path, message: expect.stringMatching(/Converse/) },
    })
  })
})

test('strings become text blocks, and null members are omitted', () => {
  const result = messagesToConverse(
    request({ system: 'Be brief.', stop_sequences: null, metadata: null, stream: false }),
  )

  expect(result).toEqual({
    ok: true,
    stream: false,
    notices: [],
    body: {
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      system: [{ text: 'Be brief.' }],
      inferenceConfig: { maxTokens: 100 },
    },
  })
})

test('every document has a unique name', () => {
  const titles = [null, 'document-2', 'Same', 'Same', 'a  b', 'x'.repeat(201), null]
  const result = messagesToConverse(request({ messages: [{ role: 'user', content: titles.map(paper) }] }))

  expect(result).toMatchObject({
    ok: true,
    body: {
      messages: [
        {
          content: [
            'document-1',
            'document-2',
            'Same',
            'document-3',
            'document-4',
            'document-5',
            'document-6',
          ].map((name) => ({ document: { name, format: 'txt', source: { bytes: 'w5xuZGVy' } } })),
        },
      ],
    },
  })
  expect(result.ok && result.notices).toEqual(
    [3, 4, 5].map(
      (index) => `messages.0.content.${index}.title is not a name that Converse takes; another stands for it`,
    ),
  )
})

test('a given document name is not used twice', () => {
  const result = messagesToConverse(
    request({ messages: [{ role: 'user', content: [paper('document-1'), paper(null)] }] }),
  )

  expect(JSON.stringify(result)).toContain('"name":"document-2"')
})

test('tools that toolSpec cannot express go last, with a notice if the order changes', () => {
  const bash = { type: 'bash_20250124', name: 'bash' }
  const [before, after] = [
    [bash, ...tools],
    [...tools, bash],
  ].map((each) => messagesToConverse(request({ tools: each })))

  expect(before?.ok && before.notices).toEqual(['tools that toolSpec cannot describe stand after the others'])
  expect(after?.ok && after.notices).toEqual([])
})

test('a tool may have the type custom', () => {
  const result = messagesToConverse(
    request({ tools: [{ type: 'custom', cache_control: null, ...tools[0] }], tool_choice: { type: 'any' } }),
  )

  expect(result).toMatchObject({
    ok: true,
    body: {
      toolConfig: {
        tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { any: {} },
      },
    },
  })
})

test('betas travel in the body', () => {
  const result = messagesToConverse(request({ top_k: 3 }), { betas: ['a-2025-01-01', 'b-2025-01-01'] })

  expect(result).toMatchObject({
    ok: true,
    body: {
      additionalModelRequestFields: { top_k: 3, anthropic_beta: ['a-2025-01-01', 'b-2025-01-01'] },
    },
  })
})

function call(id: string): object {
  return { type: 'tool_use', id, name: 'f', input: {} }
}

function answered(id: string): object {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] }
}

/** A request as validated by the Messages protocol. */
function request(more: object): MessagesRequest {
  const parsed = parseMessagesRequest(
    { model: 'claude-opus-4-8', max_tokens: 100, messages: [hi], ...more },
    { apiVersion: '2023-06-01' },
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  return parsed.request
}
