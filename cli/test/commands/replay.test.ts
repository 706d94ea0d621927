import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const weather = {
  name: 'get_weather',
  description: 'Get the weather in a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const question = { role: 'user', content: 'What is the weather in Lisbon? Use get_weather.' }
const model = 'claude-3-7-sonnet-20250219'
const plain = { model, max_tokens: 100, temperature: 0.2, messages: [question], tools: [weather] }
const prefilled = { model, max_tokens: 100, messages: [question, { role: 'assistant', content: 'It is (' }] }

function write(lines: readonly object[]): string {
  const file = join(temporaryFolder(), 'requests.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

const move = ['--from', 'claude-3-7-sonnet-latest', '--to', 'claude-opus-5-5', '--json']

test('a request that the target refuses is told with the words of the API, and the exit code is 1', async () => {
  const { code, out } = await run(['replay', write([plain, prefilled]), ...move])
  const { calls, upstream } = JSON.parse(out)

  expect([code, upstream, calls.length]).toEqual([1, 'emulator', 2])
  expect(calls[0].differences).toEqual([])
  expect(calls[0].after.toolCalls).toEqual(['get_weather(city)'])
  expect(calls[1].after.error).toMatch(/does not support assistant message prefill/)
})

test('a recorded answer is the answer before: it is not asked again', async () => {
  const usage = { input_tokens: 1_000_000, output_tokens: 0 }
  const response = {
    type: 'message',
    content: [{ type: 'text', text: 'Sunny' }],
    stop_reason: 'refusal',
    usage,
  }
  const { code, out } = await run(['replay', write([{ request: plain, response }]), ...move])
  const [call] = JSON.parse(out).calls

  expect(code).toBe(1)
  expect(call.before).toMatchObject({ isRefusal: true, text: 'Sunny', costUsd: '3.00', tookMs: null })
})

test('requests for other models and files without any are refused by name', async () => {
  const other = write([{ ...plain, model: 'claude-opus-4-1' }])
  const { code, err } = await run(['replay', other, ...move])

  expect([code, err]).toEqual([2, expect.stringContaining('no request for claude-3-7-sonnet-20250219')])
})
