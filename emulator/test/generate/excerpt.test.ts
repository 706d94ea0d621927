import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createExcerpt, findTopic } from '../../src/generate/excerpt.ts'

describe('createExcerpt', () => {
  test.each([
    ['Why is the sky blue? I have always wondered.', 'Why is the sky blue?'],
    ['  two\n\nlines  ', 'two lines'],
    ['He said "hi" to me', "He said 'hi' to me"],
    ['<system-reminder>Be careful.</system-reminder>\nFix the bug', 'Fix the bug'],
    ['x-anthropic-billing-header: cc_version=2;\nYou are Claude Code.', 'You are Claude Code.'],
    ['', ''],
  ])('%j', (text, excerpt) => {
    expect(createExcerpt(text, 80)).toBe(excerpt)
  })

  test('cuts at a word boundary', () => {
    expect(createExcerpt('Please explain the origins of the French Revolution', 30)).toBe(
      'Please explain the origins of…',
    )
  })

  test('never exceeds its maximum length and is always one line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 10, max: 60 }),
        (text, max) => {
          const excerpt = createExcerpt(text, max)

          expect(Array.from(excerpt).length).toBeLessThanOrEqual(max)
          expect(excerpt).not.toMatch(/[\r\n]/)
        },
      ),
    )
  })
})

describe('findTopic', () => {
  test.each([
    ['Explain the history of bread in 100 words.', 'the history of bread'],
    ['Write a story about a dragon', 'a dragon'],
    ['What is the capital of France?', 'the capital of France'],
    ['Tell me about The Beatles, please', 'the Beatles'],
    ['How do magnets work?', 'magnets'],
    ['an essay on black holes', 'black holes'],
    ['Compare tea and coffee for me.', 'tea and coffee'],
    ['List 5 tips for gardening', 'gardening'],
  ])('%j', (text, topic) => {
    expect(findTopic(text)).toBe(topic)
  })

  test.each([
    'Why is the sky blue?',
    'What are you?',
    'hi',
    'Explain why cats purr',
    'def f(x): return x',
    '你好',
  ])('%j has none that is sure', (text) => {
    expect(findTopic(text)).toBeNull()
  })
})
