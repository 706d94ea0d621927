import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Platform, RequestFacts } from '../../src/index.ts'
import { check, models } from '../../src/index.ts'
import { callRules, modelRules } from '../../src/checks/rules.ts'
import { getErrors, modelNamed } from '../request.ts'

test('finds nothing in an ordinary request to any model', () => {
  const facts = {
    max_tokens: 1024,
    temperature: 1,
    input_tokens: 2000,
    stream: true,
    betas: [],
    has_tools: false,
  }

  for (const model of models) expect(check(facts, model, { asOf: model.factsAsOf })).toEqual([])
})

test('reports nothing about unknown facts', () => {
  for (const model of models) expect(check({}, model, { asOf: model.factsAsOf })).toEqual([])
})

test('returns a code, the text of the API, a hint and the path of the error', () => {
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
      hint: 'Lower max_tokens to the maximum output of the model.',
      path: 'max_tokens',
    },
  ])
})

test('reports all errors at once', () => {
  const facts = { max_tokens: 99_999, temperature: 1, top_p: 1, thinking_type: 'adaptive' }

  expect(getErrors(facts, 'claude-opus-4-1').map(({ code }) => code)).toEqual([
    'temperature_and_top_p',
    'max_tokens_above_model',
    'adaptive_thinking_unsupported',
  ])
})

test('has a unique code and a source for every rule', () => {
  const rules = [...callRules, ...modelRules]

  expect(new Set(rules.map((rule) => rule.code)).size).toBe(rules.length)
  for (const rule of rules) expect(rule.source).toMatch(/\d{4}/)
})

test('never throws for any facts, and returns complete sentences', () => {
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
    effort: fc.constantFrom('low', 'xhigh', 'max', 'ultra', undefined),
    inference_geo: fc.constantFrom('us', 'global', undefined),
    speed: fc.constantFrom('fast', 'standard', undefined),
    tool_types: fc.subarray([
      'computer_20251124',
      'web_search_20250305',
      'bash_20241022',
      'made_up_20990101',
    ]),
    betas: fc.subarray(['effort-2025-11-24', 'fast-mode-2026-02-01', 'made-up-2099-01-01']),
    body_members: fc.subarray(['mcp_servers', 'context_management', 'tags']),
    cache_ttls: fc.subarray(['5m', '1h']),
    source_types: fc.subarray(['url', 'file', 'base64']),
    batch: fc.constantFrom(true, false, undefined),
    output_format: fc.constantFrom(true, undefined),
    system_message: fc.constantFrom(true, undefined),
    body_bytes: number,
    image_count: fc.nat(1000),
    has_tools: fc.constantFrom(true, false, undefined),
    prefill: fc.constantFrom(true, false, undefined),
  })

  fc.assert(
    fc.property(
      facts,
      fc.constantFrom(...models),
      fc.record({
        lifecycle: fc.constantFrom('ignore', 'warn', 'enforce'),
        platform: fc.constantFrom('anthropic', 'bedrock', 'vertex', 'foundry', undefined),
        asOf: fc.constantFrom('2025-08-15', '2026-01-01', '2026-11-22'),
      }),
      (sent, model, options) => {
        for (const { message, hint } of check(sent, model, options)) {
          expect(message).not.toMatch(/undefined|null/)
          expect(hint).toMatch(/\.$/)
        }
      },
    ),
  )
})

test('uses the API version of the options if the facts have none', () => {
  const model = modelNamed('claude-opus-4-1')
  const codes = (facts: RequestFacts): readonly string[] =>
    check(facts, model, { asOf: '2025-08-15', apiVersion: '2026-10-21' }).map(({ code }) => code)

  expect(codes({ temperature: 1 })).toEqual(['temperature_removed'])
  expect(codes({ temperature: 1, api_version: '2023-06-01' })).toEqual([])
})

test('uses the lifecycle of the model on the given platform', () => {
  const codes = (platform: Platform, name: string): readonly string[] =>
    check({}, modelNamed(name), { asOf: '2026-10-15', lifecycle: 'enforce', platform }).map(
      ({ code }) => code,
    )

  expect(codes('anthropic', 'claude-sonnet-4-0')).toEqual(['model_retired'])
  // Each cloud has its own dates: Bedrock ended it on the day before, and still offers Opus 4.1.
  expect(codes('bedrock', 'claude-sonnet-4-0')).toEqual(['model_retired'])
  expect(codes('bedrock', 'claude-opus-4-1')).toEqual(['model_deprecated'])
  expect(codes('vertex', 'claude-sonnet-4-0')).toEqual([])
  expect(codes('foundry', 'claude-sonnet-4-0')).toEqual(['model_not_on_platform'])
})

test('rejects a model before its release if dates are enforced', () => {
  const options = { asOf: '2025-08-15', lifecycle: 'enforce' } as const

  expect(check({}, modelNamed('claude-opus-5-5'), options)).toMatchObject([
    { code: 'model_unreleased', status: 404, message: 'model: claude-opus-5-5' },
  ])
  expect(check({}, modelNamed('claude-opus-5-5'), { asOf: '2025-08-15' })).toEqual([])
})
