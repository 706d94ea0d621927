import type { AccumulatedMessage } from '@anthology/wire'
import { expect, test } from 'vitest'
import {
  hasThinking,
  createRequest,
  withAnswer,
  withModel,
  withQuestion,
} from '../../src/chat/conversation.ts'
import type { Conversation } from '../../src/chat/conversation.ts'

const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'sig' }
const text = { type: 'text', text: 'Hello' }

test('sends an answer back unchanged, with thinking', () => {
  const after = withAnswer(withQuestion(start, 'Hi'), answer([thinking, text]), 'whole')

  expect(createRequest(after).messages.at(-1)).toEqual({ role: 'assistant', content: [thinking, text] })
})

test('keeps only the text of an interrupted answer', () => {
  const after = withAnswer(
    withQuestion(start, 'Hi'),
    answer([thinking, text, { type: 'text', text: '' }]),
    'stopped',
  )

  expect(createRequest(after).messages.at(-1)).toEqual({ role: 'assistant', content: [text] })
})

test('removes thinking when the model changes', () => {
  const before = withAnswer(withQuestion(start, 'Hi'), answer([thinking, text]), 'whole')
  const after = withModel(before, 'claude-opus-5-5')

  expect([hasThinking(before), hasThinking(after)]).toEqual([true, false])
  expect(createRequest(after)).toMatchObject({ model: 'claude-opus-5-5' })
})

test.each([
  ['claude-3-haiku-20240307', 4096],
  ['claude-opus-5-5', 8192],
  ['some-alias-of-a-gateway', 8192],
])('limits max_tokens to the maximum of %s', (model, maxTokens) => {
  expect(createRequest({ ...start, model }).max_tokens).toBe(maxTokens)
})

test('sends an image once, before the text', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } } as const
  const asked = withQuestion({ ...start, images: [image] }, 'What is this?')

  expect(asked.messages).toEqual([
    { role: 'user', content: [image, { type: 'text', text: 'What is this?' }] },
  ])
  expect(asked.images).toEqual([])
})

const start: Conversation = {
  model: 'claude-sonnet-5-5',
  system: null,
  maxTokens: null,
  messages: [],
  images: [],
}

function answer(content: readonly Record<string, unknown>[]): AccumulatedMessage {
  return { role: 'assistant', model: 'claude-sonnet-5-5', content, usage: {} }
}
