import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { check, models } from '../src/index.ts'
import { rules } from '../src/rules.ts'
import { errorsOf, modelNamed } from './request.ts'

test('finds nothing in an ordinary request to any model', () => {
  const facts = {
    max_tokens: 1024,
    temperature: 0.5,
    input_tokens: 2000,
    stream: true,
    betas: [],
    has_tools: false,
  }

  for (const model of models) expect(check(facts, model, { asOf: model.factsAsOf })).toEqual([])
})

test('says nothing about what it does not know', () => {
  for (const model of models) expect(check({}, model, { asOf: model.factsAsOf })).toEqual([])
})

test('gives a code, the text of the API, a hint and the path of what is wrong', () => {
  const findings = check({ max_tokens: 10_000 }, modelNamed('claude-3-haiku-20240307'), {
    asOf: '2025-08-15',
  })

  expect(findings).toEqual([
    {
      code: 'max_tokens_above_model',
      severity: 'error',
      status: 400,
      type: 'invalid_request_error',
      message:
        'max_tokens: 10000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307',
      hint: 'Ask for no more than the model can put out.',
      path: 'max_tokens',
    },
  ])
})

test('reports everything that is wrong at once', () => {
  const facts = { max_tokens: 99_999, temperature: 1, top_p: 1, thinking_type: 'adaptive' }

  expect(errorsOf(facts, 'claude-opus-4-1').map(({ code }) => code)).toEqual([
    'temperature_and_top_p',
    'max_tokens_above_model',
    'adaptive_thinking_unsupported',
  ])
})

test('has a code of its own and a source for every rule', () => {
  expect(new Set(rules.map((rule) => rule.code)).size).toBe(rules.length)
  for (const rule of rules) expect(rule.source).toMatch(/\d{4}/)
})

test('never throws, and speaks in whole sentences, for any facts', () => {
  const number = fc.option(fc.double(), { nil: undefined })
  const facts = fc.record({
    max_tokens: number,
    temperature: number,
    top_p: number,
    top_k: number,
    budget_tokens: number,
    input_tokens: number,
    thinking_type: fc.constantFrom('enabled', 'adaptive', 'disabled', 'between_tools', undefined),
    tool_choice_type: fc.constantFrom('auto', 'any', 'tool', 'none', undefined),
    api_version: fc.constantFrom('2023-06-01', '2026-10-21', undefined),
    has_tools: fc.constantFrom(true, false, undefined),
    prefill: fc.constantFrom(true, false, undefined),
  })

  fc.assert(
    fc.property(
      facts,
      fc.constantFrom(...models),
      fc.constantFrom('ignore', 'warn', 'enforce'),
      (sent, model, lifecycle) => {
        for (const { message, hint } of check(sent, model, { lifecycle, asOf: '2026-01-01' })) {
          expect(message).not.toMatch(/undefined|null/)
          expect(hint).toMatch(/\.$/)
        }
      },
    ),
  )
})
