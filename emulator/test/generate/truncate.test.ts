import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { tokenizers } from '../../src/generate/tokenizer.ts'
import { truncate } from '../../src/generate/truncate.ts'
import type { TruncateLimits } from '../../src/generate/truncate.ts'

const tokenizer = tokenizers['before-4.7']
const story =
  'Once upon a time, a gateway met an emulator. They spoke of tokens, and of “stops” 🙂, for hours.'

describe('max_tokens', () => {
  test('gives exactly that many tokens of a longer answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: tokenizer.count(story) - 1 }), (maxTokens) => {
        const utterance = say([story], getLimits({ maxTokens }))

        expect(utterance.stopReason).toBe('max_tokens')
        expect(utterance.outputTokens).toBe(maxTokens)
        expect(tokenizer.count(utterance.chunks.join(''))).toBe(maxTokens)
        expect(story.startsWith(utterance.chunks.join(''))).toBe(true)
      }),
    )
  })

  test('leaves an answer of just that many tokens whole', () => {
    const utterance = say([story], getLimits({ maxTokens: tokenizer.count(story) }))

    expect(utterance.stopReason).toBe('end_turn')
    expect(utterance.chunks.join('')).toBe(story)
  })

  test('takes no more parts than it needs', () => {
    let made = 0
    const endless = (function* () {
      for (;;) yield ` part${(made += 1)}`
    })()

    say(endless, getLimits({ maxTokens: 10 }))

    expect(made).toBeLessThan(10)
  })
})

describe('a stop sequence', () => {
  test('is found at every position and length, across the borders of tokens, and is not in the text', () => {
    fc.assert(
      fc.property(fc.nat(story.length - 1), fc.integer({ min: 1, max: 20 }), (start, length) => {
        const stop = story.slice(start, start + length)

        const utterance = say([story], getLimits({ stopSequences: ['not there', stop] }))

        expect(utterance.stopReason).toBe('stop_sequence')
        expect(utterance.stopSequence).toBe(stop)
        expect(utterance.chunks.join('')).toBe(story.slice(0, story.indexOf(stop)))
        expect(utterance.outputTokens).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  test('of several, the one that is complete first ends the answer', () => {
    const utterance = say(['one two three four'], getLimits({ stopSequences: ['four', 'two three', 'wo'] }))

    expect(utterance.stopSequence).toBe('wo')
    expect(utterance.chunks.join('')).toBe('one t')
  })

  test('of two that end together, the longer one ends it', () => {
    expect(say(['one two'], getLimits({ stopSequences: ['two', 'one two'] })).chunks).toEqual([])
  })

  test('that would only be complete behind max_tokens does not count', () => {
    const utterance = say(['one two three'], getLimits({ maxTokens: 2, stopSequences: ['two three'] }))

    expect(utterance).toMatchObject({ chunks: ['one', ' two'], stopReason: 'max_tokens', stopSequence: null })
  })

  test('at the very beginning leaves nothing, which still is one token', () => {
    expect(say(['one two'], getLimits({ stopSequences: ['o'] }))).toMatchObject({
      chunks: [],
      outputTokens: 1,
    })
  })

  test('counts the tokens that spelled it', () => {
    expect(say(['one two three four'], getLimits({ stopSequences: ['three'] })).outputTokens).toBe(4)
  })
})

/** Utters a single text, and gives its pieces with how it ended. */
function say(parts: Iterable<string>, limits: TruncateLimits) {
  const { blocks, ...ending } = truncate([{ kind: 'text_draft', parts }], limits)
  const [block] = blocks
  return { ...ending, chunks: block?.kind === 'text' ? block.chunks : [] }
}

function getLimits(limits: { maxTokens?: number; stopSequences?: readonly string[] }) {
  return { maxTokens: 1_000, stopSequences: [], cutReason: 'max_tokens' as const, tokenizer, ...limits }
}
