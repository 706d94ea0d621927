import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createClock } from '../src/clock.ts'
import { readSettings } from '../src/emulator.ts'
import {
  createRepertoire,
  maxKeptCharsEach,
  maxKeptChars,
  maxSightings,
  createCacheKey,
} from '../src/repertoire.ts'
import type { Piece, Repertoire, Title } from '../src/repertoire.ts'
import { readBody } from '../src/http/reply-body.ts'
import { answer } from '../src/api/route.ts'
import type { Call, Settings } from '../src/api/route.ts'
import { accept } from './cache/calls.ts'
import { ask, createRequest } from './collecting-receiver.ts'

describe('an emulator that has heard requests before', () => {
  const longSystem = [{ type: 'text', text: 'ab '.repeat(1_200), cache_control: { type: 'ephemeral' } }]
  const tool = {
    name: 'get_weather',
    description: 'Get the weather in a place',
    input_schema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
  }
  const results = [
    { role: 'user', content: 'Weather in Oslo?' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' }] },
  ]
  const document = { type: 'document', source: { type: 'file', file_id: 'file_1' } }
  const bodies: readonly unknown[] = [
    ask('Hello!'),
    ask('Hello!', { stream: true }),
    ask('Hello!', { max_tokens: 7 }),
    ask('Write 60 words about tea', { stop_sequences: ['the'], system: 'Be “calm”.' }),
    ask('Why?', { system: longSystem }),
    ask('Why?', { system: longSystem, cache_control: { type: 'ephemeral', ttl: '1h' }, stream: true }),
    ask('Weather in Oslo?', { tools: [tool] }),
    ask('And now?', { tools: [tool], messages: results }),
    ask('Think about rivers', { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    ask('Fetch https://example.org/', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }),
    ask('Compute 2 + 2', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }),
    ask('', { messages: [{ role: 'user', content: [document, { type: 'text', text: 'What is it?' }] }] }),
    ask('Hello!', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }),
    ask('Hello!', { model: 'claude-3-haiku-20240307', service_tier: 'standard_only' }),
    ask('Hello!', { model: 'nobody' }),
    ask('Hello!', { max_token: 7 }),
    ask(
      'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86',
    ),
    'no request',
  ]
  const betas = [
    '',
    'context-management-2025-06-27,files-api-2025-04-14,web-fetch-2025-09-10,code-execution-2025-08-25',
    'unheard-of-2025-01-01',
  ]
  const invoked = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hello!' }],
  }
  const paths = [
    '/v1/messages',
    '/v1/messages?beta=true',
    '/v1/messages/count_tokens',
    '/v1/chat/completions',
  ] as const
  const call = fc.record({
    path: fc.oneof({ weight: 5, arbitrary: fc.constant(paths[0]) }, fc.constantFrom(...paths)),
    headers: fc.record(
      {
        'anthropic-beta': fc.constantFrom(...betas),
        'anthropic-version': fc.constantFrom('2023-06-01', '2026-10-21'),
        'x-api-key': fc.constantFrom('a', 'b'),
      },
      { requiredKeys: ['anthropic-beta', 'anthropic-version'] },
    ),
    body: fc.constantFrom(...bodies),
  })
  const onBedrock = fc.constant({
    path: '/model/anthropic.claude-opus-4-1-20250805-v1:0/invoke',
    headers: {},
    body: invoked,
  })
  const calls = fc.array(fc.oneof({ weight: 9, arbitrary: call }, onBedrock), { minLength: 1, maxLength: 4 })
  const waitsMs = fc.constantFrom(0, 0, 0, 1_000, 6 * 60_000, 25 * 3_600_000)
  const order = fc.array(fc.record({ which: fc.nat(), waitMs: waitsMs, forgetsFile: fc.nat(20) }), {
    minLength: 8,
    maxLength: 16,
  })
  const options = fc.record({
    lifecycle: fc.constantFrom('ignore', 'warn'),
    perMinute: fc.constantFrom(null, 5),
  })

  test('answers as one that remembers nothing, to the byte, whatever comes between and however time goes on', () => {
    let found = 0
    fc.assert(
      fc.property(calls, order, options, (pool, steps, { lifecycle, perMinute }) => {
        const clock = createClock('2025-08-14T23:50:00Z')
        const limits = {
          requestsPerMinute: perMinute ?? 0,
          inputTokensPerMinute: 1e6,
          outputTokensPerMinute: 1e6,
        }
        const make = (repertoire: Repertoire): Settings => {
          const capacity = perMinute === null ? {} : { capacity: { limits } }
          const settings = { ...readSettings({ now: clock.now, lifecycle, ...capacity }), repertoire }
          settings.files.add({ ...file, createdMs: clock.now() })
          return settings
        }
        const [remembers, forgets] = [make(frozen(() => (found += 1))), make(forgetful)]
        for (const { which, waitMs, forgetsFile } of steps) {
          clock.advance(waitMs)
          if (forgetsFile === 0)
            for (const { files } of [remembers, forgets]) files.remove({ ...file, createdMs: 0 })
          const asked = createRequest(pool[which % pool.length]!)

          expect(result(asked, remembers)).toEqual(result(asked, forgets))
        }
      }),
      { numRuns: 200 },
    )
    expect(found).toBeGreaterThan(50)
  })

  test('prints a message as JSON does, the first time and the third', () => {
    const settings = readSettings({})
    for (const body of [bodies[3], bodies[6], bodies[8]]) {
      const bodiesTold = [1, 2, 3].map(() => result(createRequest({ body }), settings).body)

      expect(bodiesTold.map((one) => JSON.stringify(JSON.parse(one)))).toEqual(bodiesTold)
      expect(Object.keys(JSON.parse(bodiesTold[2]!)).slice(0, 2)).toEqual(['id', 'type'])
    }
  })

  test('misses a file that is gone, however often it has read it', () => {
    const settings = readSettings({})
    const stored = { ...file, createdMs: 0 }
    settings.files.add(stored)
    const headers = { 'x-api-key': 'a', 'anthropic-beta': 'files-api-2025-04-14' }
    const body = ask('', { messages: [{ role: 'user', content: [document] }] })
    const read = () => result(createRequest({ body, headers }), settings).status
    const before = [read(), read(), read()]

    settings.files.remove(stored)

    expect([...before, read()]).toEqual([200, 200, 200, 404])
  })
})

describe('a piece', () => {
  test('is kept from the second sight of its request on', () => {
    const repertoire = createRepertoire()

    repertoire.offer(title(), chunk)
    expect(repertoire.find(title())).toBeNull()

    repertoire.offer(title(), chunk)
    expect(repertoire.find(title())).toBe(chunk)
  })

  test.each<[string, Partial<Call>, string, string]>([
    ['another body', {}, 'b', '2025-08-15'],
    ['another day', {}, 'a', '2025-08-16'],
    ['another key', { key: 'k' }, 'a', '2025-08-15'],
    ['another version', { apiVersion: '2026-10-21' }, 'a', '2025-08-15'],
    ['another platform', { platform: 'bedrock' }, 'a', '2025-08-15'],
  ])('is not for %s, not even where the hashes are the same', (_, more, body, day) => {
    const repertoire = createRepertoire()
    twice(repertoire, title())
    const { hash } = title()

    expect(repertoire.find(createCacheKey(createCall(body, more), body, day))).toBeNull()
    expect(repertoire.find({ ...createCacheKey(createCall(body, more), body, day), hash })).toBeNull()
  })

  test('is not for other betas', () => {
    const repertoire = createRepertoire()
    twice(repertoire, title())

    expect(repertoire.find({ ...title(), betas: '' })).toBeNull()
  })

  test.each<[string, Partial<Piece>]>([
    ['that looked for files', { validation: accept({ messages: [] }, { readsFiles: true }) }],
    [
      'whose tools may tell the time',
      { validation: accept({ messages: [], tools: [{ type: 'web_search_20250305', name: 'web_search' }] }) },
    ],
    ['of a long answer', { bytes: new Uint8Array(maxKeptCharsEach + 1) }],
  ])('%s is not kept', (_, more) => {
    const repertoire = createRepertoire()
    twice(repertoire, title(), { ...chunk, ...more })

    expect(repertoire.find(title())).toBeNull()
  })

  test('of a long body is not kept', () => {
    const repertoire = createRepertoire()
    const long = title('a'.repeat(maxKeptCharsEach + 1))
    twice(repertoire, long)

    expect(repertoire.find(long)).toBeNull()
  })

  test('makes room when it was kept longest, and only then', () => {
    const repertoire = createRepertoire()
    const titles = Array.from({ length: maxKeptChars / 10_000 + 1 }, (_, index) =>
      title(String(index).padStart(9_000)),
    )
    const large = { ...chunk, bytes: new Uint8Array(1_000) }

    for (const one of titles) twice(repertoire, one, large)

    expect(titles.map((one) => repertoire.find(one) !== null)).toEqual(titles.map((_, index) => index > 0))
  })

  test('is forgotten again before its second sight where a thousand others come between', () => {
    const repertoire = createRepertoire()
    repertoire.offer(title(), chunk)
    for (let other = 0; other < maxSightings; other += 1) repertoire.offer(title(`other ${other}`), chunk)

    repertoire.offer(title(), chunk)

    expect(repertoire.find(title())).toBeNull()
  })
})

test('a hash goes by every byte of a body', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (bytes, place) => {
      const other = bytes.slice()
      other[place % bytes.length]! ^= 1

      expect(getHash(other)).not.toBe(getHash(bytes))
      expect(getHash(new Uint8Array([0, ...bytes]).subarray(1))).toBe(getHash(bytes))
    }),
  )
})

const file = {
  id: 'file_1',
  key: 'a',
  filename: 'a.txt',
  mimeType: 'text/plain',
  expiresMs: null,
  downloadable: false,
  bytes: new TextEncoder().encode('Some text in a file.'),
}

const chunk: Piece = {
  validation: accept({ messages: [{ role: 'user', content: 'a' }] }),
  completion: {
    blocks: [],
    stopReason: 'end_turn',
    stopSequence: null,
    stopDetails: null,
    outputTokens: 1,
    thinkingTokens: 0,
  },
  result: {
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: 'end_turn',
    stop_sequence: null,
  },
  bytes: new Uint8Array(10),
}

function createCall(body: string, more: Partial<Call> = {}): Call {
  const head = { requestId: 'r', organizationId: 'o', notices: [] }
  const request = createRequest({ body: new TextEncoder().encode(body) })
  return {
    request,
    apiVersion: '2023-06-01',
    key: null,
    query: new URLSearchParams(),
    name: '',
    head,
    ...more,
  }
}

function title(body = 'a'): Title {
  return createCacheKey(createCall(body), body, '2025-08-15')
}

function getHash(body: Uint8Array): number {
  return createCacheKey({ ...createCall(''), request: createRequest({ body }) }, '', '').hash
}

function twice(repertoire: Repertoire, of: Title, what = chunk): void {
  repertoire.offer(of, what)
  repertoire.offer(of, what)
}

function result(request: ReturnType<typeof createRequest>, settings: Settings) {
  const reply = answer(request, settings)
  const { status, headers } = reply
  return { status, headers, body: new TextDecoder().decode(readBody(reply).bytes) }
}

const forgetful: Repertoire = { find: () => null, offer: () => {} }

/** What is kept cannot be changed by whoever gets it. */
function frozen(onFind: () => void): Repertoire {
  const repertoire = createRepertoire()
  return {
    find: (of) => {
      const found = repertoire.find(of)
      if (found) onFind()
      return found
    },
    offer: (of, what) => {
      freeze(what)
      repertoire.offer(of, what)
    },
  }
}

function freeze(value: unknown): void {
  // An array of bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return
  Object.freeze(value)
  for (const member of Object.values(value)) freeze(member)
}
