import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { ask, getJson, getMessage } from '../../collecting-receiver.ts'
import { askInvoke, callModel, toError, opus5 } from './calls.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const model = 'anthropic.claude-opus-4-1-20250805-v1:0'

describe('CountTokens', () => {
  test('counts an InvokeModel body as the call itself does', async () => {
    const { usage } = await getMessage(emulator, ask('Hello, how are you?'))

    expect(await count(askInvoke('Hello, how are you?'))).toEqual({ inputTokens: usage.input_tokens })
  })

  test('counts a Converse request as the call itself does', async () => {
    const { usage } = await getMessage(emulator, ask('Hello!', { system: 'Be brief.' }))
    const converse = {
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'Hello!' }] }],
    }
    const answer = await callModel(emulator, model, {
      operation: 'count-tokens',
      body: { input: { converse } },
    })

    expect(getJson(answer)).toEqual({ inputTokens: usage.input_tokens })
  })

  test('rejects an InvokeModel body that is nested too deep, although base64 hides it', async () => {
    const invoke = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
    const body = { input: { invokeModel: { body: Buffer.from(invoke).toString('base64') } } }
    const answer = await callModel(emulator, model, { operation: 'count-tokens', body })

    expect(toError(answer)).toEqual([400, 'ValidationException', 'the JSON is nested deeper than 500 levels'])
  })

  test("accepts only the model's own id", async () => {
    const body = getInput(askInvoke('Hi'))
    const answer = await callModel(emulator, opus5, { operation: 'count-tokens', body })

    expect(toError(answer)).toEqual([
      400,
      'ValidationException',
      "The provided model doesn't support counting tokens.",
    ])
  })

  const { max_tokens: _limit, ...endless } = askInvoke('Hi')
  test.each<[what: string, body: unknown, text: string]>([
    ['without a limit', endless, 'required key [max_tokens] not found'],
    ['with a model', askInvoke('Hi', { model: 'x' }), 'model: Extra inputs are not permitted'],
    ['without tools in its list', askInvoke('Hi', { tools: [] }), 'tools: List should have at least 1 item'],
    ['with an unknown beta', askInvoke('Hi', { anthropic_beta: ['x'] }), 'invalid beta flag'],
    [
      'whose thinking is longer than its limit',
      askInvoke('Hi', { thinking: { type: 'enabled', budget_tokens: 2_000 } }),
      '`max_tokens` must be greater than `thinking.budget_tokens`',
    ],
  ])('refuses a body %s', async (_what, body, text) => {
    const answer = await callModel(emulator, model, { operation: 'count-tokens', body: getInput(body) })

    expect(toError(answer)).toEqual([400, 'ValidationException', expect.stringContaining(text)])
  })

  test.each([
    {},
    { input: {} },
    { input: { invokeModel: { body: '%' } } },
    { input: { invokeModel: { body: 'eA==' } } },
  ])('refuses %j', async (body) => {
    const answer = await callModel(emulator, model, { operation: 'count-tokens', body })

    expect(toError(answer)).toEqual([400, 'ValidationException', expect.any(String)])
  })
})

async function count(body: unknown): Promise<unknown> {
  return getJson(await callModel(emulator, model, { operation: 'count-tokens', body: getInput(body) }))
}

function getInput(body: unknown): unknown {
  return { input: { invokeModel: { body: Buffer.from(JSON.stringify(body)).toString('base64') } } }
}
