import { finishSteps } from '../../src/steps.ts'
import { describe, expect, test } from 'vitest'

import { resolve } from '@anthology/catalog'
import type { MessageParam, MessagesRequest } from '@anthology/wire'

import { readPrompt } from '../../src/message/prompt.ts'
import type { Prompt, PromptOptions } from '../../src/message/prompt.ts'
import { computeDigest, sign } from '../../src/thinking/signature.ts'
import { pdf } from '../media/documents.ts'
import { getBase64, jpeg, png } from '../media/images.ts'

describe('tokens', () => {
  test('an image of unknown size counts as the largest image', () => {
    const text = { type: 'text', text: 'What is this?' } as const
    const picture = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const

    const difference =
      read([{ role: 'user', content: [picture, text] }]).inputTokens -
      read([{ role: 'user', content: [text] }]).inputTokens

    expect(difference).toBe(1_600)
  })

  // The worked examples of the vision page, Nov 2025, by width x height / 750, and an image that is scaled down.
  test.each([
    [200, 200, 54],
    [1_000, 1_000, 1_334],
    [1_092, 1_092, 1_590],
    [8_000, 2_000, 820],
  ])('a picture of %i x %i is %i tokens in 2025', (width, height, tokens) => {
    const content = [{ type: 'image', source: base64('image/png', png(width, height)) }] as const

    expect(read([{ role: 'user', content }]).inputTokens).toBe(tokens + 3)
  })

  // Squares of 28 pixels: 36 x 36, 8 x 8, 72 x 54; scaled down to at most 1,568 or, in high resolution, 4,784.
  test.each([
    ['claude-sonnet-4-6', 1_000, 1_000, 1_296],
    ['claude-sonnet-4-6', 200, 200, 64],
    ['claude-sonnet-4-6', 4_000, 4_000, 1_568],
    ['claude-opus-5-5', 4_000, 4_000, 4_784],
    ['claude-opus-5-5', 2_000, 1_500, 3_888],
  ])('%s: a picture of %i x %i is %i tokens in late 2026', (model, width, height, tokens) => {
    const content = [{ type: 'image', source: base64('image/jpeg', jpeg(width, height)) }] as const

    expect(read([{ role: 'user', content }], { model }, { day: '2026-11-22' }).inputTokens).toBe(tokens + 3)
  })

  test('each page of a PDF counts as 1,500 tokens of text and an image', () => {
    const source = base64('application/pdf', Buffer.from(pdf(3), 'latin1'))
    const inFile = { type: 'file', file_id: 'file_1' } as const
    const openFile = () => ({ bytes: Buffer.from(pdf(3), 'latin1'), mediaType: 'application/pdf' })

    const one = read([{ role: 'user', content: [{ type: 'document', source }] }])
    const other = read([{ role: 'user', content: [{ type: 'document', source: inFile }] }], {}, { openFile })

    // 3 open the turn, 2 the document, and the space between its empty title and context is 1.
    expect(one.inputTokens).toBe(3 * (1_500 + 1_600) + 6)
    expect(other.inputTokens).toBe(one.inputTokens)
  })

  test('files are counted by their content: a text by its words, an image by its size', () => {
    const opened = (bytes: Uint8Array, mediaType: string) => ({ openFile: () => ({ bytes, mediaType }) })
    const source = { type: 'file', file_id: 'file_1' } as const
    const text = opened(new TextEncoder().encode('one two four'), 'text/plain')
    const picture = opened(png(200, 200), 'image/png')

    expect(read([{ role: 'user', content: [{ type: 'document', source }] }], {}, text).inputTokens).toBe(
      3 + 6,
    )
    expect(read([{ role: 'user', content: [{ type: 'image', source }] }], {}, picture).inputTokens).toBe(
      54 + 3,
    )
  })

  test.each([
    ['bash_20250124', 'bash', '2025-11-01', 245],
    ['bash_20250124', 'bash', '2026-11-22', 244],
    ['text_editor_20250429', 'str_replace_based_edit_tool', '2025-08-15', 700],
    ['text_editor_20250728', 'str_replace_based_edit_tool', '2025-08-15', 745],
    ['computer_20250124', 'computer', '2025-08-15', 735 + 499],
  ])('the definition of %s (%s) on %s is %i tokens', (type, name, day, tokens) => {
    const messages = [{ role: 'user', content: 'Hi' }] as const
    const own = { name: 'f', input_schema: { type: 'object' } }
    const count = (tools: MessagesRequest['tools']) => read(messages, tools && { tools }, { day }).inputTokens

    // A second tool, so that both counts include the tool prompt.
    expect(count([own, { type, name }]) - count([own])).toBe(tokens)
  })

  test('a deferred tool counts at its reference', () => {
    const later = { name: 'later', description: 'one two four', input_schema: {}, defer_loading: true }
    const count = (
      more: Partial<MessagesRequest>,
      content: string | readonly { type: 'tool_reference'; tool_name: string }[],
    ) => read(loop([use], [{ ...result, content }]), more).inputTokens
    const own = { name: 'f', input_schema: { type: 'object' } }
    const reference = [{ type: 'tool_reference', tool_name: 'later' }] as const

    expect(count({ tools: [own, later] }, [])).toBe(count({ tools: [own] }, []))
    expect(count({ tools: [own, later] }, reference)).toBeGreaterThan(count({ tools: [own, later] }, []) + 10)
  })

  test('the tokens of the tool prompt depend on tool_choice and the day', () => {
    const messages = [{ role: 'user', content: 'Hi' }] as const
    const tools = [{ name: 'f', input_schema: { type: 'object' } }]
    const count = (choice: 'auto' | 'any' | 'none', day: string) =>
      read(messages, { tools, tool_choice: { type: choice } }, { day }).inputTokens

    expect(count('auto', '2025-08-15') - count('any', '2025-08-15')).toBe(346 - 313)
    expect(count('none', '2025-08-15')).toBe(count('auto', '2025-08-15'))
    expect(count('auto', '2026-11-22') - count('auto', '2025-08-15')).toBe(313 - 346)
  })

  test('the thinking of an earlier turn is not counted if the model drops it, that of the current turn is', () => {
    const [forgets, keeps] = ['claude-opus-4-1', 'claude-opus-4-5']

    expect(addedByThinking((blocks) => loop(blocks), forgets)).toBe(5)
    expect(addedByThinking((blocks) => [...loop(blocks), ...next], forgets)).toBe(0)
    expect(addedByThinking((blocks) => [...loop(blocks), ...next], keeps)).toBe(5)
  })

  test('dropped thinking is not counted', () => {
    const more = { thinking: { type: 'enabled', budget_tokens: 1_024 } } as const

    expect(
      read(loop([thinking, use]), more, { droppedThinking: [{ path: 'messages.1.content.0' }] }).inputTokens,
    ).toBe(read(loop([use]), more).inputTokens)
  })

  test('signed thinking counts in full, however little of it is shown', () => {
    const origin = {
      model: 'claude-opus-4-1-20250805',
      position: 0,
      tokens: 321,
      conversation: null,
      previous: null,
    }
    const signature = sign({ ...origin, digest: computeDigest('') }, 'thinking', 'seed')
    const more = { thinking: { type: 'enabled', budget_tokens: 1_024 } } as const
    const omitted = { type: 'thinking', thinking: '', signature } as const

    expect(read(loop([omitted, use]), more).inputTokens - read(loop([use]), more).inputTokens).toBe(321)
  })

  test('thinking is not counted when the call does not think', () => {
    expect(read(loop([thinking, use])).inputTokens).toBe(read(loop([use])).inputTokens)
  })

  test('a text has the same tokens as a string and as a block', () => {
    expect(read([{ role: 'user', content: 'Hello there' }]).inputTokens).toBe(
      read([{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }]).inputTokens,
    )
  })

  test('a deep tool input is walked without recursion', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { deep } } as const

    expect(
      read([
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [use] },
      ]).inputTokens,
    ).toBeGreaterThan(100_000)
  })
})

describe('the conversation', () => {
  test('consecutive messages of one role are one turn', () => {
    const prompt = read([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
      { role: 'user', content: 'd' },
      { role: 'user', content: 'e' },
    ])

    expect(prompt).toMatchObject({ turn: 2, question: 'd\ne', prefill: '' })
  })

  test('the assistant turns at the end are the prefill', () => {
    const prompt = read([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      },
    ])

    expect(prompt).toMatchObject({ turn: 1, question: 'a', prefill: 'bcd' })
  })

  test('the fingerprint depends on model, system, texts and images, but not on the prefill', () => {
    const picture = (data: string) =>
      ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }) as const
    const plain = read([{ role: 'user', content: 'a' }])
    const others = [
      read([{ role: 'user', content: 'b' }]),
      read([{ role: 'user', content: 'a' }], { system: 's' }),
      read([{ role: 'user', content: 'a' }], { model: 'claude-opus-4-0' }),
      read([{ role: 'user', content: [{ type: 'text', text: 'a' }, picture('AAAA')] }]),
      read([{ role: 'user', content: [{ type: 'text', text: 'a' }, picture('BBBB')] }]),
    ]

    expect(new Set([plain, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(6)
    expect(
      read([
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'x' },
      ]).fingerprint,
    ).toBe(plain.fingerprint)
  })
})

const thinking = { type: 'thinking', thinking: 'one two four five six', signature: 'x' } as const
const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } as const
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' } as const
const next: readonly MessageParam[] = [
  { role: 'assistant', content: 'Done.' },
  { role: 'user', content: 'More' },
]

function loop(
  blocks: MessageParam['content'],
  results: MessageParam['content'] = [result],
): readonly MessageParam[] {
  return [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: blocks },
    { role: 'user', content: results },
  ]
}

function base64<MediaType extends string>(mediaType: MediaType, bytes: Uint8Array) {
  return { type: 'base64', media_type: mediaType, data: getBase64(bytes) } as const
}

function addedByThinking(
  conversation: (blocks: MessageParam['content']) => readonly MessageParam[],
  model: string,
): number {
  const more = { model, thinking: { type: 'enabled', budget_tokens: 1_024 } } as const
  return read(conversation([thinking, use]), more).inputTokens - read(conversation([use]), more).inputTokens
}

function read(
  messages: readonly MessageParam[],
  more: Partial<MessagesRequest> = {},
  options: PromptOptions = {},
): Prompt {
  const request = { model: 'claude-opus-4-1', max_tokens: 10, messages, ...more }
  const found = resolve(request.model)
  if (!found.ok) throw new Error(`no model ${request.model}`)
  return finishSteps(readPrompt(request, found.model, 'seed', options))
}
