import { expect, test } from 'vitest'

import { describeUnresolved, resolve } from '../../src/index.ts'

test.each([
  ['claude-opus-41', 'Did you mean claude-opus-4-1 or '],
  [
    'claude-opus-4-6-20260205',
    'From Claude 4.6 on, the id of a model has no date. Did you mean claude-opus-4-6?',
  ],
  ['sonnet 3.5', 'It is the name of several models: claude-3-5-sonnet-20241022, claude-3-5-sonnet-20240620.'],
  ['claude-v2:1', 'claude-2.1 was retired on 2025-07-21; its replacement is claude-opus-4-8.'],
  ['arn:aws:bedrock:us-east-1:1:prompt-router/r', 'An ARN of type prompt-router does not contain its model.'],
  ['gpt-4', ''],
])('the next step for %s is: %s', (name, text) => {
  const resolution = resolve(name)

  expect(resolution.ok ? null : describeUnresolved(resolution).slice(0, text.length || undefined)).toBe(text)
})
