import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { models, getTokenizer } from '@anthology/catalog'

import { selectTokenizer, textTokenizers } from '../../src/tokens/text-tokenizer.ts'

const { count: countTokens, split: splitTokens } = textTokenizers['before-4.7']

describe('pieces', () => {
  test('join to the text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(splitTokens(text).join('')).toBe(text)
      }),
    )
  })

  test('match the count, and none is empty', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '\n', 'a', 'é', '7', '.', '漢', '🙂', '\ud800') }),
        (text) => {
          const chunks = splitTokens(text)

          expect(chunks).toHaveLength(countTokens(text))
          expect(chunks).not.toContain('')
        },
      ),
    )
  })

  test('a text that starts at a piece boundary is split the same way', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '\n', 'a', 'b', '7', '.', '漢') }),
        fc.nat(),
        (text, at) => {
          const chunks = splitTokens(text)
          const taken = at % (chunks.length + 1)

          expect(splitTokens(chunks.slice(taken).join(''))).toEqual(chunks.slice(taken))
        },
      ),
    )
  })

  test.each([
    ['the cat', ['the', ' cat']],
    ['understanding', ['unde', 'rsta', 'ndin', 'g']],
    ['in 2025, yes', ['in', ' 202', '5', ',', ' yes']],
    ['a “b”', ['a', ' “', 'b', '”']],
    ['one\n\n  two', ['one', '\n\n ', ' two']],
    ['漢字🙂', ['漢', '字', '🙂']],
  ])('%j', (text, chunks) => {
    expect(splitTokens(text)).toEqual(chunks)
  })
})

describe('calibration on 0.75 words and 3.4 characters a token', () => {
  test('plain words of four and a half characters meet both figures', () => {
    const { words, characters } = perToken(plainEnglish)

    expect(plainEnglish.length / countWords(plainEnglish)).toBeCloseTo(4.53, 1)
    expect(Math.abs(words / 0.75 - 1)).toBeLessThan(0.15)
    expect(Math.abs(characters / 3.4 - 1)).toBeLessThan(0.05)
  })

  test('prose of longer words meets the characters figure and overstates the words figure by about 30%', () => {
    const { words, characters } = perToken(prose)

    expect(Math.abs(characters / 3.4 - 1)).toBeLessThan(0.05)
    expect(0.75 / words).toBeGreaterThan(1.1)
    expect(0.75 / words).toBeLessThan(1.4)
  })

  test('CJK text is one token a character', () => {
    expect(countTokens('人工智能正在改变我们的生活')).toBe(13)
  })
})

describe('the tokenizer since Opus 4.7', () => {
  const newer = textTokenizers['since-4.7']

  test('produces 1 to 1.35 times as many tokens for prose, code and CJK text', () => {
    const { least, most } = measureGrowth('claude-opus-4-7')

    for (const text of [
      plainEnglish,
      prose,
      code,
      '人工智能正在改变我们的生活',
      '2025-11-24, 17:30; 3.14159',
    ]) {
      const growth = newer.count(text) / countTokens(text)

      expect(growth).toBeGreaterThanOrEqual(least)
      expect(growth).toBeLessThanOrEqual(most)
    }
  })

  test('never produces fewer tokens, whatever the text, and its pieces join to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(' ', '\n', 'a', 'é', '7', '.', '漢', '🙂') }), (text) => {
        expect(newer.count(text)).toBeGreaterThanOrEqual(countTokens(text))
        expect(newer.split(text).join('')).toBe(text)
        expect(newer.split(text)).toHaveLength(newer.count(text))
      }),
    )
  })

  test('is that of the models from Opus 4.7 on, whatever their family', () => {
    const used = models.filter((model) => selectTokenizer(model) === newer).map(({ id }) => id)

    expect(used).toEqual(expect.arrayContaining(['claude-opus-4-7', 'claude-sonnet-5', 'claude-haiku-5-5']))
    expect(used).not.toEqual(expect.arrayContaining(['claude-opus-4-6']))
    expect(used).not.toEqual(expect.arrayContaining(['claude-mythos-preview']))
  })
})

test('a megabyte is counted like its parts', () => {
  const part = `${prose}\n\n`

  expect(countTokens(part.repeat(1_700))).toBe(countTokens(part) * 1_700)
})

function perToken(text: string): { words: number; characters: number } {
  const tokens = countTokens(text)
  return { words: countWords(text) / tokens, characters: text.length / tokens }
}

function measureGrowth(id: string): { least: number; most: number } {
  const model = models.find((one) => one.id === id)
  return (model && getTokenizer(model).growth) ?? { least: Number.NaN, most: Number.NaN }
}

const code =
  'export function total(items: readonly Item[]): number {\n' +
  '  return items.reduce((sum, { price, amount }) => sum + price * amount, 0)\n}\n'

function countWords(text: string): number {
  return text.trim().split(/\s+/).length
}

const plainEnglish =
  'The old man sat by the sea and did not say a word. His dog lay at his feet and slept under the morning sun. ' +
  'A boat came in with the tide, and the sailors on it threw a rope to the boy who stood on the pier. He tied it up, ' +
  'and they all climbed the hill to eat breakfast. It was a fine day. The wind was low, the sky was bright blue, and ' +
  'no one had to be home before ten. She had made a pot of soup and put out bread, and there was a bowl of red plums ' +
  'under the window. When they had eaten their fill, the old man told them about the strange ship he saw as a child, ' +
  'with ten tall masts and a crew of ghosts.'

const prose =
  'When the committee finally published its report, most of the members had already forgotten why it had been asked ' +
  'for in the first place. The first chapter described the history of the harbour, the second listed every storm ' +
  'since the railway arrived, and the third, which nobody read, explained quite clearly what should be done. A young ' +
  'engineer found the document years later, in a drawer that would not close, and took it home because the drawings ' +
  "were beautiful. She read it twice. Then she wrote a letter to the council, and the council, to everyone's " +
  'surprise, answered within a week. '
