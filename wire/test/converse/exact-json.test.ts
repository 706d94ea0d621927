import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseExactJson, parseExactJsonInSteps } from '../../src/converse/exact-json.ts'
import { converseToMessages } from '../../src/converse/to-messages.ts'

const options = { model: 'claude-opus-4-8', defaultMaxTokens: 100 }

test('numbers that a double cannot represent keep their digits in inputs, schemas and results', () => {
  const big =
    '{"id":12345678901234567890,"pi":3.14159265358979323846,"huge":1e999,"plain":1.50,"__proto__":{"a":-1e-400}}'
  const text = `{"messages":[{"role":"user","content":[{"text":"Hi"}]},
    {"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":${big}}}]},
    {"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"json":${big}}]}}]}],
    "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","default":${big}}}}}]}}`
  const kept = big.replace('1.50', '1.5')

  const result = converseToMessages(parseExactJson(text), options)

  const printed = JSON.stringify(result.ok && result.body)
  expect(printed).toContain(`"input":${kept}`)
  expect(printed).toContain(`"default":${kept}`)
  expect(printed).toContain(`"text":${JSON.stringify(kept)}`)
})

test('a number with many digits is still not an object', () => {
  const text =
    '{"messages":[{"role":"user","content":[{"toolUse":{"toolUseId":"a","name":"f","input":12345678901234567890}}]}]}'

  expect(converseToMessages(parseExactJson(text), options)).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining('messages.0.content.0.toolUse.input is invalid') },
  })
})

test('parses everything that JSON.parse does, to the same value', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.stringify(parseExactJson(text))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
  expect(parseExactJson('{')).toBeUndefined()
})

test('parses to the same value in steps, wherever a step ends', () => {
  const number = fc.stringMatching(/^-?[1-9][0-9]{0,30}(\.[0-9]{1,30})?(e[-+]?[0-9]{1,4})?$/)
  const token = fc.oneof(
    number,
    fc.string({ unit: 'binary', maxLength: 900 }).map((text) => JSON.stringify(text)),
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 60 }), fc.boolean(), (tokens, isCut) => {
      const text = `[${tokens.join(',')}${isCut ? '' : ']'}`

      const steps = parseExactJsonInSteps(text)
      let step = steps.next()
      while (step.done !== true) step = steps.next()

      expect(JSON.stringify(step.value)).toBe(JSON.stringify(parseExactJson(text)))
      expect(step.value === undefined).toBe(isCut)
    }),
  )
})

test('a very long number keeps its text, and is parsed quickly', () => {
  const long = `1${'0'.repeat(200_000)}1`
  const texts = [long, `1e${'9'.repeat(200_000)}`, `0.${'0'.repeat(200_000)}1`, '-0.10', '1E2', '1e-7', '0e5']

  expect(texts.map((text) => JSON.stringify(parseExactJson(text)))).toEqual([
    ...texts.slice(0, 3),
    '-0.1',
    '100',
    '1e-7',
    '0',
  ])
})

test('extremely deep nesting is rejected without an exception', () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const body = (json: unknown) => ({
    messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ json }] } }] }],
  })

  expect(converseToMessages(body(JSON.parse(deep)), options)).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining('toolResult.content.0.json is invalid') },
  })
})
