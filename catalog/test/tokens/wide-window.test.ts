import { expect, test } from 'vitest'

import { requestWideWindow } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const beta = 'context-1m-2025-08-07'

test.each([
  ['claude-sonnet-4-0', '2025-08-15'],
  ['claude-sonnet-4-5', '2026-04-29'],
  ['claude-opus-4-6', '2026-03-12'],
])('[1m] adds the beta of %s on %s', (name, day) => {
  expect(requestWideWindow(modelNamed(name), day, ['other'])).toEqual({
    betas: ['other', beta],
    notice: `[1m] adds the beta ${beta}`,
  })
  expect(requestWideWindow(modelNamed(name), day, [beta])).toEqual({ betas: [beta], notice: null })
})

test.each([
  ['claude-opus-4-6', '2026-03-13'],
  ['claude-sonnet-5-5', '2026-11-22'],
])('[1m] changes nothing for %s on %s, which has the window anyway', (name, day) => {
  expect(requestWideWindow(modelNamed(name), day, [])).toEqual({ betas: [], notice: null })
})

test.each([
  ['claude-sonnet-4-5', '2026-04-30'],
  ['claude-haiku-4-5', '2026-11-22'],
])('[1m] has no effect for %s on %s, and the notice has the window', (name, day) => {
  const model = modelNamed(name)

  expect(requestWideWindow(model, day, [])).toEqual({
    betas: [],
    notice: `[1m] has no effect: ${model.id} has a context window of 200000 tokens`,
  })
})
