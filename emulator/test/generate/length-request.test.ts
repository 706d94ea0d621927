import { expect, test } from 'vitest'

import { parseLengthRequest } from '../../src/generate/length-request.ts'

test.each([
  ['Write an essay in 500 words', 'words', 500],
  ['Write a 1,200-word essay', 'words', 1_200],
  ['Answer in one word.', 'words', 1],
  ['Generate 2000 tokens of text', 'tokens', 2_000],
  ['10 paragraphs on tea, please', 'paragraphs', 10],
  ['Give me three short paragraphs', 'paragraphs', 3],
  ['Explain it in two sentences', 'sentences', 2],
  ['count to 50', 'numbers', 50],
  ['Please count from 1 up to 20', 'numbers', 20],
  ['List 5 tips for gardening', 'items', 5],
  ['Give me ten good reasons', 'items', 10],
  ['a list of 7', 'items', 7],
  [`In 300 words, sum this up: ${'text '.repeat(20_000)}`, 'words', 300],
  [`${'text '.repeat(20_000)} Sum this up in 40 words.`, 'words', 40],
])('%.40s', (question, unit, amount) => {
  expect(parseLengthRequest(question)).toEqual({ unit, amount })
})

test.each([
  'Why is the sky blue?',
  'I have 3 cats',
  '',
  'Write 0 words',
  'What happened in 1789?',
  'How do I count sheep?',
])('%j wishes for no length', (question) => {
  expect(parseLengthRequest(question)).toBeNull()
})
