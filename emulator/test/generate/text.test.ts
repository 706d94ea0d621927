import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createAnswer } from '../../src/generate/text.ts'
import { continueAnswer } from '../../src/generate/continuation.ts'
import { computeFingerprint } from '../../src/random.ts'
import type { Prompt } from '../../src/message/prompt.ts'
import { textTokenizers } from '@anthology/catalog'

const name = 'Claude Sonnet 4'

describe('an answer', () => {
  test('begins with the question, and names the emulator and its model', () => {
    const text = tell({ question: 'Why is the sky blue?' })

    expect(text).toMatch(
      /^You asked: “Why is the sky blue\?” (?:This|No)[^.]+ the offline emulator of Claude Sonnet 4[^.]*\.\n\nA full answer would [^\n]+\.$/,
    )
  })

  test('differs in its second sentence too, so that two seeds are told apart early', () => {
    const texts = Array.from({ length: 40 }, (_, seed) =>
      tell({ question: 'Why?', fingerprint: computeFingerprint(`seed ${seed}`) }),
    )

    expect(new Set(texts.map((text) => text.split('\n\n')[0])).size).toBe(4)
    expect(new Set(texts).size).toBeGreaterThan(25)
  })

  test('names the topic of the question', () => {
    expect(tell({ question: 'Explain the history of bread.' })).toContain(
      'A full answer about the history of bread would ',
    )
    expect(tell({ question: 'Compare tea and coffee for me' })).toContain('about tea and coffee would ')
  })

  test('has 30 to 150 tokens without a length request', () => {
    fc.assert(
      fc.property(
        fingerprints,
        fc.lorem({ mode: 'sentences' }),
        fc.constantFrom('', 'You are a pirate. Rhyme.'),
        (fingerprint, question, system) => {
          const tokens = tokenizer.count(tell({ fingerprint, question, system }))

          expect(tokens).toBeGreaterThanOrEqual(30)
          expect(tokens).toBeLessThanOrEqual(150)
        },
      ),
    )
  })

  test('mentions the system prompt, the turn and the attachments', () => {
    const text = tell({
      question: 'And now?',
      turn: 3,
      system: 'You are a pirate.',
      images: 2,
      toolResults: 1,
    })

    expect(text).toContain('The system prompt begins with “You are a pirate.”')
    expect(text).toContain(`This is turn 3 with the offline emulator of ${name}.`)
    expect(text).toContain('The message has 2 images and one tool result.')
    expect(tell({ question: 'See', images: 1, documents: 2, toolResults: 3 })).toContain(
      'one image, 2 documents and 3 tool results.',
    )
  })

  test.each(['Hello!', 'hi', 'Hello, Claude', 'Good morning', 'Guten Tag', '你好'])(
    'to the greeting %j is a greeting, and states that this is the emulator',
    (question) => {
      const text = tell({ question })

      expect(text).toMatch(/^Hello\. (?:This|No)[^.]+ the offline emulator of Claude Sonnet 4\b/)
      expect(text).toContain('scenario')
      expect(text).not.toContain('“')
    },
  )

  test.each([
    ['Hi! What is tea?', 'Hello. You asked: “What is tea?” '],
    ['Hello, are you there?', 'Hello. You asked: “Hello, are you there?” '],
    ['History is fun', 'You wrote: “History is fun”. '],
    ['', 'The message has no text. '],
    ['你好吗？', 'You asked: “你好吗？” '],
  ])('to %j begins with %j', (question, start) => {
    expect(tell({ question }).slice(0, start.length)).toBe(start)
  })

  test.each([
    'Be brief.',
    'Tell me a joke!',
    'Hello',
    'Why is the sky blue?',
    'Write 400 words about tea',
    'List 10 facts',
    'Answer in 9 words',
  ])('to %j is sober: no exclamation, no question of its own', (question) => {
    fc.assert(
      fc.property(fingerprints, (fingerprint) => {
        const own = tell({ fingerprint, question }).replaceAll(/“[^”]*”/g, '')

        expect(own).not.toMatch(/[!?;]|stand-in|understudy|joke|friend|cheerful|wait|perhaps|maybe/i)
      }),
    )
  })

  test('consists of whole sentences, whatever the random numbers', () => {
    fc.assert(
      fc.property(fingerprints, (fingerprint) => {
        const text = tell({ fingerprint, question: 'Write 300 words about tea' })

        expect(text).not.toMatch(/[{}]|undefined|\s\s(?!\S)| {2}/)
        for (const paragraph of text.split('\n\n')) expect(paragraph).toMatch(/^[\p{Lu}“].*\.$/su)
      }),
    )
  })
})

describe('a requested length', () => {
  test.each([60, 100, 500, 2_000])('%i words, within a sentence', (amount) => {
    expect(Math.abs(countWords(tell({ question: `Write ${amount} words about tea` })) - amount)).toBeLessThan(
      14,
    )
  })

  test.each([1, 5, 12, 16])('%i words exactly, for few words', (amount) => {
    expect(countWords(tell({ question: `Answer in ${amount} words` }))).toBe(amount)
  })

  test.each([100, 2_000, 20_000])('%i tokens, within a sentence', (amount) => {
    expect(Math.abs(tokenizer.count(tell({ question: `Generate ${amount} tokens` })) - amount)).toBeLessThan(
      25,
    )
  })

  test('paragraphs, sentences, items and numbers are counted', () => {
    expect(tell({ question: 'Write 10 paragraphs' }).split('\n\n')).toHaveLength(10)
    expect(tell({ question: 'Explain tides in three sentences.' }).split(/(?<=\.) /)).toHaveLength(3)
    expect(tell({ question: 'List 12 ideas' }).match(/^\d+\. /gm)).toHaveLength(12)
    expect(tell({ question: 'Count to 50' })).toContain('1, 2, 3, 4, 5')
    expect(tell({ question: 'Count to 50' })).toMatch(/49, 50\.$/)
  })

  test('does not cause repetition', () => {
    const sentences = tell({ question: 'Write 1000 words' }).split(/(?<=\.)\s+/)

    expect(new Set(sentences).size / sentences.length).toBeGreaterThan(0.9)
  })
})

describe('a prefill', () => {
  test('that is the start of the answer is continued exactly, wherever it ends', () => {
    const question = 'Write 90 words about tea'
    const whole = tell({ question })
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        const prefill = whole.slice(0, length)

        expect(prefill + continued({ question, prefill })).toBe(whole)
      }),
    )
  })

  test.each([
    ['{', '{"note": "offline emulator of Claude Sonnet 4"}'],
    ['{"a": [1, ', '{"a": [1, "offline emulator of Claude Sonnet 4"]}'],
    ['{"a": "I am the ', '{"a": "I am the offline emulator of Claude Sonnet 4"}'],
    ['{"a', '{"a": "offline emulator of Claude Sonnet 4"}'],
    ['{"a": {"b": 1}', '{"a": {"b": 1}}'],
  ])('%j that begins JSON becomes JSON', (prefill, json) => {
    const text = prefill + continued({ question: 'Give me JSON', prefill })

    expect(text).toBe(json)
    expect(() => JSON.parse(text)).not.toThrow()
  })

  test('with other text is continued', () => {
    const text = continued({
      question: 'What is the capital of France?',
      prefill: 'The capital of France is',
    })

    expect(text).toMatch(/^ \.\.\. \(continued by the offline emulator of Claude Sonnet 4\)\. You asked: “/)
  })
})

const tokenizer = textTokenizers['before-4.7']
const fingerprints = fc.integer().map((value) => (value >>> 0).toString(16).padStart(8, '0').repeat(2))

function tell(prompt: Partial<Prompt>): string {
  return [...createAnswer(getPrompt(prompt), name)].join('')
}

function continued(prompt: Partial<Prompt>): string {
  return [...continueAnswer(getPrompt(prompt), name)].join('')
}

function countWords(text: string): number {
  return text.split(/\s+/).length
}

function getPrompt(prompt: Partial<Prompt>): Prompt {
  return {
    system: '',
    turn: 1,
    question: '',
    images: 0,
    documents: 0,
    toolResults: 0,
    prefill: '',
    segments: [],
    inputTokens: 10,
    fingerprint: '0123456789abcdef',
    tokenizer,
    managed: null,
    ...prompt,
  }
}
