import { defaultModel } from '../src/models.js'

test('has a default model', () => {
  expect(defaultModel()).toBe('claude-3-7-sonnet-20250219')
})
