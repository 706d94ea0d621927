import { expect, test } from 'vitest'
import { parseModel } from './parse-model.ts'

test.each([
  ['claude-3-opus-20240229', { family: 'opus', generation: '3' }],
  ['claude-3-5-sonnet-20241022', { family: 'sonnet', generation: '3.5' }],
  ['claude-sonnet-4@20250514', { family: 'sonnet', generation: '4' }],
])('reads %s', (name, expected) => {
  expect(parseModel(name)).toMatchObject(expected)
})
