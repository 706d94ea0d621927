import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEmulator, createFetchUpstream, listenEmulator, openCassettes } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

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

/** Records some calls at an emulator that stands for the API, and returns the folder of the cassettes. */
async function record(bodies: boolean): Promise<string> {
  const folder = temporaryFolder()
  const api = await listenEmulator(createEmulator(), { port: 0, host: '127.0.0.1' })
  const cassettes = openCassettes(folder, { create: true })
  const upstream = createFetchUpstream(api.url)
  const recorder = createEmulator({ replay: { cassettes, upstream, mode: 'record-all', bodies } })
  const proxy = await listenEmulator(recorder, { port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    await proxy.close()
    await api.close()
  })
  const post = (path: string, body: object) =>
    fetch(proxy.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'any', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body),
    })
  const asked = { ...plain, model: 'claude-sonnet-4-5' }
  await post('/v1/messages', asked)
  await post('/v1/messages', { ...asked, stream: true, messages: [{ role: 'user', content: 'Hello!' }] })
  await post('/v1/chat/completions', { ...asked, messages: [{ role: 'user', content: 'Hi!' }] })
  return folder
}

const current = ['--from', 'claude-sonnet-4-5', '--to', 'claude-opus-5-5', '--json']

test('cassettes with bodies are sent again, and their answers count as the old ones', async () => {
  const { err, out } = await run(['replay', await record(true), ...current])
  const { calls } = JSON.parse(out)

  expect(calls).toHaveLength(2)
  expect(err).toContain('1 recording of Converse or Chat Completions')
  for (const { before, after } of calls) {
    expect([before.error, after.error]).toEqual([null, null])
    expect(before.tookMs).toEqual(expect.any(Number))
    expect(Number(before.costUsd)).toBeGreaterThan(0)
  }
  expect(calls.map((call: { before: { stopReason: string } }) => call.before.stopReason).toSorted()).toEqual([
    'end_turn',
    'tool_use',
  ])
})

test('cassettes without bodies are refused, with the option that keeps them', async () => {
  const { code, err } = await run(['replay', await record(false), ...current])

  expect(code).toBe(2)
  expect(err).toContain('2 recordings without the body of the request')
  expect(err).toContain('--record-bodies')
})
