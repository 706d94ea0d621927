import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { createEmulator, openRecordings, parseScenario, readHar } from '../../src/index.ts'
import { ask, createFolder, listen, protocols, send } from './rig.ts'
import type { Call } from './rig.ts'

describe('a HAR file', () => {
  test.each(protocols)('%s: is replayed', async (_, create) => {
    const live = await listen()
    const call = create('What is an archive?')
    const answer = await send(live, call)
    const file = join(createFolder(), 'browser.har')
    const isBinary = answer.type?.includes('amazon') ?? false
    writeFileSync(
      file,
      createHar([
        { url: 'https://example.com/app.js', method: 'GET', type: 'text/javascript', text: 'x' },
        {
          url: `https://api.example.com${call.path}`,
          method: 'POST',
          body: JSON.stringify(call.body),
          type: answer.type ?? '',
          text: isBinary ? answer.bytes.toString('base64') : answer.text,
          ...(isBinary && { encoding: 'base64' }),
        },
      ]),
    )
    const player = await listen({ replay: { cassettes: openRecordings(file) } })
    const replayed = await send(player, call)

    expect(replayed.status).toBe(200)
    expect(replayed.bytes.equals(answer.bytes)).toBe(true)
  })

  test('keeps no secret of the browser', () => {
    const key = 'sk-ant-api03-CANARY0123456789abcdef'
    const cookie = 'canary-cookie-0123456789'
    const har = createHar([
      {
        url: 'https://api.anthropic.com/v1/messages?key=canary-query-0123456789',
        method: 'POST',
        body: JSON.stringify(ask(`My key is ${key}`).body),
        type: 'application/json',
        text: `{"content":[{"type":"text","text":"${cookie} ${key}"}]}`,
        headers: [
          { name: 'X-Api-Key', value: key },
          { name: 'Cookie', value: `a=${cookie}` },
        ],
      },
    ])

    expect(JSON.stringify(readHar(har, 'a.har').list())).not.toMatch(/canary/i)
  })

  test('without a call, and text that is no HAR, are errors; a call without its body is named', () => {
    const warnings: string[] = []
    const call = {
      url: 'https://api.anthropic.com/v1/messages',
      method: 'POST',
      body: JSON.stringify(ask('Hi').body),
      type: 'application/json',
    }
    const har = createHar([{ ...call }, { ...call, text: '{"content":[]}' }])

    expect(() => readHar('{}', 'a.har')).toThrow('a.har: this is no HAR file')
    expect(() => readHar(createHar([]), 'a.har')).toThrow('a.har: the file has no complete call of an API')
    expect(readHar(har, 'a.har', { warn: (line) => warnings.push(line) }).list()).toHaveLength(1)
    expect(warnings).toEqual(['a.har: entry 1 was not imported: the file does not contain its response body'])
  })
})

/** Fixtures in the shapes that the documentation of aimock shows. */
describe('fixtures of aimock', () => {
  const tool = {
    name: 'get_weather',
    description: 'Weather',
    input_schema: { type: 'object', properties: { city: { type: 'string' } } },
  }
  const question = { role: 'user', content: 'weather in NYC?' }
  const callOf = (id: string) => ({
    role: 'assistant',
    content: [{ type: 'tool_use', id, name: 'get_weather', input: {} }],
  })
  const resultOf = (id: string, text: string) => ({
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: id, content: text }],
  })

  test('a text, with usage and finish reason', async () => {
    const emulator = load([
      {
        match: { userMessage: 'hello' },
        response: {
          content: 'Hi there!',
          finishReason: 'length',
          usage: { prompt_tokens: 3, completion_tokens: 7 },
        },
      },
    ])

    expect(await getAnswer(emulator, ask('well, hello you'))).toMatchObject({
      content: [{ type: 'text', text: 'Hi there!' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 3, output_tokens: 7 },
    })
  })

  test('calls of tools, whose arguments are an object or text, before text in blocks', async () => {
    const emulator = load([
      {
        match: { userMessage: 'NYC' },
        response: {
          blocks: [
            { type: 'toolCall', name: 'get_weather', arguments: '{"city": "NYC"}' },
            { type: 'text', text: 'One moment.' },
          ],
        },
      },
      {
        match: { userMessage: 'Rome' },
        response: { toolCalls: [{ name: 'get_weather', arguments: { city: 'Rome' }, id: 'call_1' }] },
      },
    ])

    expect(await getAnswer(emulator, withTools('weather in NYC?'))).toMatchObject({
      content: [
        { type: 'tool_use', name: 'get_weather', input: { city: 'NYC' } },
        { type: 'text', text: 'One moment.' },
      ],
    })
    expect(await getAnswer(emulator, withTools('weather in Rome?'))).toMatchObject({
      content: [{ type: 'tool_use', id: 'call_1', input: { city: 'Rome' } }],
      stop_reason: 'tool_use',
    })
  })

  test.each([
    [
      'the presence of a result',
      { match: { userMessage: 'weather', hasToolResult: false } },
      { match: { userMessage: 'weather', hasToolResult: true } },
    ],
    ['the id of the call', { match: { userMessage: 'weather' } }, { match: { toolCallId: 'toolu_1' } }],
    [
      'the text of the result',
      { match: { userMessage: 'weather', hasToolResult: false } },
      { match: { toolResultContains: 'rain' } },
    ],
    [
      'the turn',
      { match: { userMessage: 'weather', turnIndex: 0 } },
      { match: { userMessage: 'weather', turnIndex: 1 } },
    ],
  ])('an agent that goes on by %s', async (_, first, second) => {
    const emulator = load([
      { ...first, response: { toolCalls: [{ name: 'get_weather', arguments: {} }] } },
      { ...second, response: { content: 'Take an umbrella.' } },
    ])
    const next = {
      ...withTools(''),
      messages: [question, callOf('toolu_1'), resultOf('toolu_1', 'heavy rain')],
    }
    const continued = { ...ask(''), body: { ...(withTools('').body as object), messages: next.messages } }

    expect(await getAnswer(emulator, withTools('weather in NYC?'))).toMatchObject({ stop_reason: 'tool_use' })
    expect(await getAnswer(emulator, continued)).toMatchObject({ content: [{ text: 'Take an umbrella.' }] })
  })

  test('answers in sequence, and structured content', async () => {
    const emulator = load([
      { match: { userMessage: 'joke', sequenceIndex: 0 }, response: { content: 'One.' } },
      { match: { userMessage: 'joke', sequenceIndex: 1 }, response: { content: { funny: true } } },
    ])

    expect(await getAnswer(emulator, ask('a joke'))).toMatchObject({ content: [{ text: 'One.' }] })
    expect(await getAnswer(emulator, ask('a joke'))).toMatchObject({ content: [{ text: '{"funny":true}' }] })
    expect(await getAnswer(emulator, ask('a joke'))).toMatchObject({ type: 'error' })
  })

  test('models, systems and tools', async () => {
    const emulator = load([
      { match: { userMessage: 'x', model: 'claude-opus-4-1' }, response: { content: 'opus' } },
      { match: { userMessage: 'x', systemMessage: ['Ann', 'Berlin'] }, response: { content: 'both' } },
      { match: { userMessage: 'x', toolName: 'get_weather' }, response: { content: 'tool' } },
      { match: { userMessage: '.*' }, response: { content: 'any' } },
    ])
    const text = async (call: Call) => JSON.stringify(await getAnswer(emulator, call))

    expect(await text(ask('x', { model: 'claude-opus-4-1' }))).toContain('"opus"')
    expect(await text(ask('x', { system: 'In Berlin lives Ann.' }))).toContain('"both"')
    expect(await text(withTools('x'))).toContain('"tool"')
    expect(await text(ask('something'))).toContain('"any"')
  })

  test('errors with status and retry-after, and a miss', async () => {
    const emulator = load([
      {
        match: { userMessage: 'busy' },
        response: { error: { message: 'Slow down.', type: 'rate_limit_error' }, status: 429, retryAfter: 30 },
      },
    ])
    const busy = await request(emulator, ask('busy'))
    const miss = await request(emulator, ask('other'))

    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '30'])
    expect(await busy.json()).toMatchObject({ error: { type: 'rate_limit_error', message: 'Slow down.' } })
    expect(miss.status).toBe(400)
  })

  test('timing becomes faults, and members without a counterpart are named', () => {
    const notes: string[] = []
    const parsed = parseScenario(
      JSON.stringify({
        fixtures: [
          {
            match: { userMessage: 'a', context: 'x' },
            response: { content: 'A', reasoning: 'hm' },
            streamingProfile: { ttft: 200, tps: 40, jitter: 0.1 },
            chunkSize: 5,
          },
          { match: { userMessage: 'b' }, response: { embedding: [1] } },
          {
            match: { userMessage: 'c' },
            response: { content: 'C' },
            truncateAfterChunks: 3,
            chaos: { dropRate: 0.5 },
          },
        ],
      }),
      'fixtures.json',
      (line) => notes.push(line),
    )

    expect(parsed).toMatchObject({
      ok: true,
      value: {
        unmatched: 'refuse',
        rules: [
          { reply: { text: 'A' }, fault: { first_byte_ms: 200, between_events_ms: 25 } },
          { rate: 0.5, fault: { status: 500 } },
          { reply: { text: 'C' }, fault: { cut: { after_events: 5 } } },
        ],
      },
    })
    expect(notes).toEqual([
      'fixtures.json: fixture 1: response.reasoning has no counterpart and is left out',
      'fixtures.json: fixture 1: match.context is left out',
      'fixtures.json: fixture 1: chunkSize has no counterpart and is left out',
      'fixtures.json: fixture 2: a response with embedding has no counterpart, so that the fixture is left out',
    ])
  })

  test('a scenario in JSON is still a scenario', () => {
    expect(parseScenario('{"version":1,"rules":[]}', 'a.json')).toEqual({
      ok: true,
      value: { version: 1, rules: [] },
    })
  })

  function load(fixtures: readonly unknown[]) {
    const parsed = parseScenario(JSON.stringify({ fixtures }), 'fixtures.json')
    if (!parsed.ok) throw new Error(parsed.message)
    return createEmulator({ scenario: parsed.value })
  }

  function withTools(content: string): Call {
    return ask(content, { tools: [tool] })
  }
})

function request(
  emulator: ReturnType<typeof createEmulator>,
  { path, body, headers }: Call,
): Promise<Response> {
  return emulator.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function getAnswer(emulator: ReturnType<typeof createEmulator>, call: Call): Promise<unknown> {
  return (await request(emulator, call)).json()
}

interface HarCall {
  readonly url: string
  readonly method: string
  readonly body?: string
  readonly type: string
  readonly text?: string
  readonly encoding?: string
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
}

/** A HAR file as browsers save it. */
function createHar(calls: readonly HarCall[]): string {
  const entries = calls.map(({ url, method, body, type, text, encoding, headers = [] }) => ({
    startedDateTime: '2026-11-29T08:00:00.000Z',
    time: 120.5,
    request: {
      method,
      url,
      headers,
      ...(body !== undefined && { postData: { mimeType: 'application/json', text: body } }),
    },
    response: {
      status: 200,
      headers: [
        { name: 'Content-Type', value: type },
        { name: 'content-encoding', value: 'br' },
      ],
      content: {
        mimeType: type,
        ...(text !== undefined && { text }),
        ...(encoding !== undefined && { encoding }),
      },
    },
  }))
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'test', version: '1' }, entries } })
}
