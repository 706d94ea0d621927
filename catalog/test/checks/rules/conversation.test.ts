import { expect, test } from 'vitest'
import { listTexts } from '../../request.ts'

const asOf = '2026-11-22'

test.each(['claude-opus-4-6', 'claude-sonnet-4-6', 'claude-opus-4-7', 'claude-sonnet-5', 'claude-haiku-5-5'])(
  '%s does not accept a prefill',
  (name) => {
    expect(listTexts({ prefill: true }, name, { asOf })).toEqual([
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    ])
    expect(listTexts({ prefill: false }, name, { asOf })).toEqual([])
  },
)

test.each(['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-1'])(
  '%s accepts a prefill',
  (name) => {
    expect(listTexts({ prefill: true }, name, { asOf })).toEqual([])
  },
)

test('reports an unsupported prefill once, also with thinking', () => {
  const facts = { prefill: true, thinking_type: 'adaptive' }

  expect(listTexts(facts, 'claude-opus-4-6', { asOf })).toHaveLength(1)
})

test('accepts a system message within a conversation from Opus 4.8 on', () => {
  const facts = { system_message: true }

  for (const name of ['claude-opus-4-8', 'claude-fable-5', 'claude-sonnet-5', 'claude-haiku-5-5']) {
    expect(listTexts(facts, name, { asOf })).toEqual([])
  }
  for (const name of ['claude-opus-4-7', 'claude-mythos-preview', 'claude-3-haiku-20240307']) {
    expect(listTexts(facts, name, { asOf })).toEqual([
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    ])
  }
  expect(listTexts(facts, 'claude-sonnet-5', { asOf, platform: 'bedrock' })).toHaveLength(1)
  expect(listTexts(facts, 'claude-fable-5', { asOf, platform: 'bedrock' })).toEqual([])
})

test('passes on schema errors about system messages, for models that accept them', () => {
  const facts = { system_message: true, system_entry_problem: 'messages.1: misplaced' }

  expect(listTexts(facts, 'claude-opus-5-5', { asOf })).toEqual(['messages.1: misplaced'])
  expect(listTexts(facts, 'claude-opus-4-7', { asOf })).toEqual([
    expect.stringMatching(/^messages: Unexpected role "system"/),
  ])
})

test('allows a first message by the assistant since October 2024', () => {
  const facts = { first_role: 'assistant' }

  expect(listTexts(facts, 'claude-3-opus-latest', { asOf: '2024-10-07' })).toEqual([
    'messages: first message must use the "user" role',
  ])
  expect(listTexts(facts, 'claude-3-opus-latest', { asOf: '2024-10-08' })).toEqual([])
})

test.each([
  ['claude-opus-4-5', undefined, 1],
  ['claude-opus-4-5', 'enabled', 0],
  ['claude-opus-4-6', 'disabled', 1],
  ['claude-opus-5-5', undefined, 0],
])('clears the thinking of %s, with thinking %s: %d findings', (name, thinking_type, count) => {
  const facts = { edit_types: ['clear_thinking_20251015'], thinking_type }

  expect(listTexts(facts, name, { asOf })).toHaveLength(count)
})

test('rejects citations on Haiku 3', () => {
  expect(listTexts({ citations: true }, 'claude-3-haiku-20240307')).toEqual([
    "'claude-3-haiku-20240307' does not support citations.",
  ])
  expect(listTexts({ citations: true }, 'claude-3-5-haiku-latest')).toEqual([])
})
