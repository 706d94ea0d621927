import { expect, test } from 'vitest'

import { findRequestedWords, readGreeting } from '../../src/generate/short-reply.ts'

test.each([
  ['Reply with only: pong', 'pong'],
  ['Reply with OK', 'OK'],
  ['Please reply with OK.', 'OK'],
  ['Respond with exactly "all done"', 'all done'],
  ['Answer only with: yes, it is', 'yes, it is'],
  ['Say hello', 'hello'],
  ['say “Grüße”!', 'Grüße'],
  ['Repeat after me: a zebra crossing', 'a zebra crossing'],
  ['Reply with 42, please', '42'],
])('%j requests the words %j', (question, words) => {
  expect(findRequestedWords(question)).toBe(words)
})

test.each([
  'Respond in French.',
  'Answer briefly.',
  'Say something',
  'Say hello to my friend',
  'Reply with a short poem',
  'Reply with JSON',
  'Answer with only one word: yes or no?',
  'Repeat the question',
  'Say [redacted] twice.',
  'What is the right reply?',
  '',
  `Say "${'a'.repeat(300)}"`,
])('%j requests no words', (question) => {
  expect(findRequestedWords(question)).toBeNull()
})

test.each([
  ['Hello', true, ''],
  ['  hi there!\n', true, ''],
  ['Hi! What is tea?', true, 'What is tea?'],
  ['Hello, are you there?', true, 'Hello, are you there?'],
  ['Hello world in Python: how?', true, 'Hello world in Python: how?'],
  ['Highlight this', false, 'Highlight this'],
  ['', false, ''],
])('the greeting of %j: %s, and the rest is %j', (question, isGreeting, rest) => {
  expect(readGreeting(question)).toEqual({ isGreeting, rest })
})
