import { expect, test } from 'vitest'
import { getTokenizer, tokenizers } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

test('the tokenizer changed with Opus 4.7, after the preview of Mythos', () => {
  const ids = [
    'claude-3-haiku-20240307',
    'claude-opus-4-6',
    'claude-mythos-preview',
    'claude-opus-4-7',
    'claude-haiku-5-5',
  ]

  expect(ids.map((id) => getTokenizer(modelNamed(id)).id)).toEqual([
    'before-4.7',
    'before-4.7',
    'before-4.7',
    'since-4.7',
    'since-4.7',
  ])
})

test('matches the tooltips for a million and for two hundred thousand tokens', () => {
  expect(
    tokenizers.map(({ charactersPerThousand, wordsPerThousand }) => [
      charactersPerThousand,
      wordsPerThousand,
    ]),
  ).toEqual([
    [3_400, 750],
    [2_500, 555],
  ])
  expect(tokenizers.at(-1)?.growth).toEqual({ least: 1, most: 1.35 })
})
