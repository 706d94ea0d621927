import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { textTokenizers } from '@anthology/catalog'
import { truncate } from '../../src/generate/truncate.ts'
import type { TruncateLimits } from '../../src/generate/truncate.ts'

const tokenizer = textTokenizers['before-4.7']
const story =
  'Once upon a time, a gateway met an emulator. They spoke of tokens, and of “stops” 🙂, for hours.'

describe('max_tokens', () => {
  test('keeps exactly that many tokens of a longer answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: tokenizer.count(story) - 1 }), (maxTokens) => {
        const completion = say([story], getLimits({ maxTokens }))

        expect(completion.stopReason).toBe('max_tokens')
        expect(completion.outputTokens).toBe(maxTokens)
        expect(tokenizer.count(completion.chunks.join(''))).toBe(maxTokens)
        expect(story.startsWith(completion.chunks.join(''))).toBe(true)
      }),
    )
  })

  test('keeps an answer of exactly that many tokens whole', () => {
    const completion = say([story], getLimits({ maxTokens: tokenizer.count(story) }))

    expect(completion.stopReason).toBe('end_turn')
    expect(completion.chunks.join('')).toBe(story)
  })

  test('reads no more parts than needed', () => {
    let made = 0
    const endless = (function* () {
      for (;;) yield ` part${(made += 1)}`
    })()

    say(endless, getLimits({ maxTokens: 10 }))

    expect(made).toBeLessThan(10)
  })
})

describe('a stop sequence', () => {
  test('is found at every position and length, across token boundaries, and is removed from the text', () => {
    fc.assert(
      fc.property(fc.nat(story.length - 1), fc.integer({ min: 1, max: 20 }), (start, length) => {
        const stop = story.slice(start, start + length)

        const completion = say([story], getLimits({ stopSequences: ['not there', stop] }))

        expect(completion.stopReason).toBe('stop_sequence')
        expect(completion.stopSequence).toBe(stop)
        expect(completion.chunks.join('')).toBe(story.slice(0, story.indexOf(stop)))
        expect(completion.outputTokens).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  test('of several, the one that is complete first ends the answer', () => {
    const completion = say(['one two three four'], getLimits({ stopSequences: ['four', 'two three', 'wo'] }))

    expect(completion.stopSequence).toBe('wo')
    expect(completion.chunks.join('')).toBe('one t')
  })

  test('of two that end together, the longer one ends it', () => {
    expect(say(['one two'], getLimits({ stopSequences: ['two', 'one two'] })).chunks).toEqual([])
  })

  test('that would be complete only after max_tokens does not count', () => {
    const completion = say(['one two three'], getLimits({ maxTokens: 2, stopSequences: ['two three'] }))

    expect(completion).toMatchObject({
      chunks: ['one', ' two'],
      stopReason: 'max_tokens',
      stopSequence: null,
    })
  })

  test('at the very start leaves no text, which still counts as one token', () => {
    expect(say(['one two'], getLimits({ stopSequences: ['o'] }))).toMatchObject({
      chunks: [],
      outputTokens: 1,
    })
  })

  test('counts the tokens that spelled it', () => {
    expect(say(['one two three four'], getLimits({ stopSequences: ['three'] })).outputTokens).toBe(4)
  })
})

/** Truncates a single text, and returns its chunks and its ending. */
function say(parts: Iterable<string>, limits: TruncateLimits) {
  const { blocks, ...ending } = truncate([{ kind: 'text_draft', parts }], limits)
  const [block] = blocks
  return { ...ending, chunks: block?.kind === 'text' ? block.chunks : [] }
}

function getLimits(limits: { maxTokens?: number; stopSequences?: readonly string[] }) {
  return { maxTokens: 1_000, stopSequences: [], cutReason: 'max_tokens' as const, tokenizer, ...limits }
}
