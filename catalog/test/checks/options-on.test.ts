import { expect, test } from 'vitest'

import { models } from '../../src/models.ts'
import { check } from '../../src/checks/check.ts'
import { optionsOn } from '../../src/checks/options-on.ts'
import { getEffectiveDay } from '../../src/lifecycle/lifecycle.ts'
import { resolve } from '../../src/names/resolve.ts'

const today = '2026-11-20'

test.each([
  ['claude-opus-4-1', [], 'temperature_xor_top_p', 'default'],
  ['claude-opus-4-5', ['low', 'medium', 'high'], 'temperature_xor_top_p', 'default'],
  ['claude-sonnet-4-6', ['low', 'medium', 'high', 'max'], 'temperature_xor_top_p', 'default'],
  ['claude-haiku-5-5', ['low', 'medium', 'high', 'xhigh', 'max'], 'default_only', 'disabled'],
  ['claude-sonnet-5-5', ['low', 'medium', 'high', 'xhigh', 'max'], 'default_only', 'between_tools'],
  ['claude-opus-5-5', ['low', 'medium', 'high', 'xhigh', 'max'], 'default_only', null],
] as const)(
  'the options of %s are those of the page of its generation',
  (name, efforts, sampling, thinkingOff) => {
    expect(read(name, today)).toMatchObject({ efforts, sampling, thinkingOff, jsonSchema: true })
  },
)

test('an option that needed a beta on a day is not one of that day', () => {
  expect(read('claude-opus-4-5', '2026-01-15').efforts).toEqual([])
  expect(read('claude-opus-4-5', '2026-02-05').efforts).toEqual(['low', 'medium', 'high'])
  expect(read('claude-opus-4-1', '2025-08-15').jsonSchema).toBe(false)
})

test('no model rejects its own options', () => {
  for (const model of models) {
    const day = getEffectiveDay(model, 'ignore', today)
    const { maxTokens, efforts, jsonSchema } = optionsOn(model, day)
    const options = [
      { max_tokens: maxTokens },
      ...efforts.map((effort) => ({ effort })),
      { output_format: jsonSchema },
    ]
    const findings = options.flatMap((facts) =>
      check({ betas: [], ...facts }, model, { asOf: today, lifecycle: 'ignore' }),
    )

    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  }
})

function read(name: string, day: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(name)
  return optionsOn(found.model, day)
}
