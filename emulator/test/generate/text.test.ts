import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createAnswer } from '../../src/generate/text.ts'
import { continueAnswer } from '../../src/generate/continuation.ts'
import type { Prompt } from '../../src/message/prompt.ts'
import { textTokenizers } from '@anthology/catalog'

const name = 'Claude Sonnet 4'

describe('an answer', () => {
  test('names its model, that it is offline, and the question', () => {
    const text = tell({ question: 'Why is the sky blue?' })

    expect(text).toContain(name)
    expect(text).toMatch(/offline|this machine/)
    expect(text).toContain('Why is the sky blue?')
  })

  test('has 40 to 150 tokens without a length request', () => {
    fc.assert(
      fc.property(
        fingerprints,
        fc.lorem({ mode: 'sentences' }),
        fc.constantFrom('', 'You are a pirate. Rhyme.'),
        (fingerprint, question, system) => {
          const tokens = tokenizer.count(tell({ fingerprint, question, system }))

          expect(tokens).toBeGreaterThanOrEqual(40)
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

    expect(text).toContain('You are a pirate.')
    expect(text).toContain('turn 3')
    expect(text).toContain('2 images and one tool result')
  })

  test('returns a greeting and repeats requested words', () => {
    expect(tell({ question: 'Hello!' })).toMatch(/^(Hello|Good)/)
    expect(tell({ question: 'Reply with only: pong' })).toMatch(/^Pong\. /)
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

  test.each([1, 5, 12])('%i words exactly, for few words', (amount) => {
    expect(countWords(tell({ question: `Answer in ${amount} words` }))).toBe(amount)
  })

  test.each([100, 2_000, 20_000])('%i tokens, within a sentence', (amount) => {
    expect(Math.abs(tokenizer.count(tell({ question: `Generate ${amount} tokens` })) - amount)).toBeLessThan(
      25,
    )
  })

  test('paragraphs, items and numbers are counted', () => {
    expect(tell({ question: 'Write 10 paragraphs' }).split('\n\n')).toHaveLength(10)
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
    ['{', '{"note": "offline stand-in for Claude Sonnet 4"}'],
    ['{"a": [1, ', '{"a": [1, "offline stand-in for Claude Sonnet 4"]}'],
    ['{"a": "I am the ', '{"a": "I am the offline stand-in for Claude Sonnet 4"}'],
    ['{"a', '{"a": "offline stand-in for Claude Sonnet 4"}'],
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

    expect(text).toMatch(/^(, | \.\.\. )/)
    expect(text).toContain(name)
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
