import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator, parseScenario } from '../../src/index.ts'
import type { Emulator, Scenario, ScriptedUsage } from '../../src/index.ts'
import { playChat, protocols } from './protocols.ts'
import type { Body, Played } from './protocols.ts'

/** A text with templates as the scenario has it, and as the client should see it. */
interface Templated {
  readonly source: string
  readonly shown: string
}

interface Case {
  readonly text: Templated | null
  readonly thinking: Templated | null
  readonly calls: readonly { readonly input: Readonly<Record<string, unknown>>; readonly id: string | null }[]
  readonly usage: ScriptedUsage | null
  readonly stop: 'max_tokens' | null
}

const userText = 'The code is amber ✓ 水.'

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text): Templated => ({ source: text, shown: text })),
  fc.constantFrom<Templated>(
    { source: '{{last_user}}', shown: userText },
    { source: '{{ match.1 }}', shown: 'amber' },
    { source: '{{model}}', shown: 'claude-opus-4-1-20250805' },
    { source: '{{turn}}{{call}}', shown: '01' },
    { source: '{{system}}', shown: 'Be brief.' },
    { source: '{{unknown thing}}', shown: '{{unknown thing}}' },
    { source: '"\\\n\u{1f600}</s>', shown: '"\\\n\u{1f600}</s>' },
  ),
)

const templated = fc
  .array(piece, { minLength: 1, maxLength: 5 })
  .map((pieces) => ({
    source: pieces.map(({ source }) => source).join(''),
    shown: pieces.map(({ shown }) => shown).join(''),
  }))
  // Pieces side by side may be another template than the one that is expected.
  .filter(({ source }) => !/\{\{\{|\}\}\}/.test(source))

const input = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 10 }).filter((name) => name !== '__proto__'),
  fc
    .jsonValue({ stringUnit: 'grapheme', maxDepth: 3 })
    .filter((value) => !/\{\{/.test(JSON.stringify(value))),
  { maxKeys: 4 },
)

const count = fc.integer({ min: 0, max: 100_000 })

const usage = fc
  .record(
    {
      input_tokens: count,
      output_tokens: count.map((tokens) => tokens + 1),
      cache_read_input_tokens: count,
      cache_creation: fc.record({
        ephemeral_5m_input_tokens: count,
        ephemeral_1h_input_tokens: count,
      }),
    },
    { requiredKeys: [] },
  )
  .map((members): ScriptedUsage => members)

const cases: fc.Arbitrary<Case> = fc.record({
  text: fc.option(templated),
  thinking: fc.option(templated),
  calls: fc.array(fc.record({ input, id: fc.option(fc.stringMatching(/^call_[a-zA-Z0-9_-]{1,20}$/)) }), {
    maxLength: 3,
  }),
  usage: fc.option(usage),
  stop: fc.constantFrom(null, null, 'max_tokens' as const),
})

const body: Body = {
  max_tokens: 16_000,
  system: 'Be brief.',
  messages: [{ role: 'user', content: userText }],
  tools: [{ name: 'note', description: 'Takes a note.', input_schema: { type: 'object' } }],
}

describe('a scenario that is accepted plays back what it says', () => {
  test.each(Object.entries(protocols))('as %s, plain and streamed', async (_name, play) => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const emulator = createFrom(given)
        const sent = given.thinking === null ? body : withThinking

        const plain = await play(emulator, sent, false)
        emulator.reset()
        const streamed = await play(emulator, sent, true)

        expectPlayed(plain, given)
        expectPlayed(streamed, given)
        expect(streamed.content).toEqual(plain.content)
        expect(streamed.usage['output_tokens']).toBe(plain.usage['output_tokens'])
        emulator.verify()
      }),
      { numRuns: 60 },
    )
  })

  test('as openai, plain and streamed', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const emulator = createFrom({ ...given, thinking: null })

        const plain = await playChat(emulator, body, false)
        emulator.reset()
        const streamed = await playChat(emulator, body, true)

        expect(streamed).toEqual(plain)
        expect(plain.text).toBe(given.text?.shown ?? '')
        expect(plain.calls).toEqual(
          given.calls.map(({ id, input: wanted }) => ({
            id: id ?? expect.stringMatching(/^toolu_01/),
            name: 'note',
            input: toJson(wanted),
          })),
        )
        const ends = { max_tokens: 'length', tool_use: 'tool_calls', end_turn: 'stop' } as const
        expect(plain.finish).toBe(ends[findStop(given)])
        expectChatUsage(plain.usage, given.usage ?? {})
      }),
      { numRuns: 60 },
    )
  })
})

const withThinking: Body = { ...body, thinking: { type: 'enabled', budget_tokens: 2_000 } }

function createFrom({ text, thinking, calls, usage: given, stop }: Case): Emulator {
  const unique = new Set<string>()
  const scenario: Scenario = {
    version: 1,
    unmatched: 'refuse',
    rules: [
      {
        when: { last_user: { regex: String.raw`code is (\w+)` }, tools: 'note', system: 'brief' },
        reply: {
          ...(text && { text: text.source }),
          ...(thinking && { thinking: thinking.source }),
          tool_calls: calls.map(({ input: wanted, id }) => ({
            name: 'note',
            input: wanted,
            ...(id !== null && !unique.has(id) && unique.add(id) && { id }),
          })),
          ...(given && { usage: given }),
          ...(stop && { stop_reason: stop }),
        },
      },
    ],
  }
  const parsed = parseScenario(JSON.stringify(scenario), 'generated.json')
  if (!parsed.ok) throw new Error(parsed.message)
  return createEmulator({ scenario: parsed.value })
}

function expectPlayed(played: Played, { text, thinking, calls, usage: given, stop }: Case): void {
  expect(played.content).toEqual([
    ...(thinking ? [{ type: 'thinking', thinking: thinking.shown, signature: expect.any(String) }] : []),
    ...(text && text.shown !== '' ? [{ type: 'text', text: text.shown }] : []),
    ...calls.map(({ input: wanted }) => ({
      type: 'tool_use',
      id: expect.any(String),
      name: 'note',
      input: toJson(wanted),
    })),
  ])
  expect(played.stop_reason).toBe(findStop({ calls, stop }))
  const { cache_creation: split, ...counts } = given ?? {}
  expect(played.usage).toMatchObject(counts)
  if (split !== undefined) {
    const { ephemeral_5m_input_tokens: minutes = 0, ephemeral_1h_input_tokens: hour = 0 } = split
    expect(played.usage['cache_creation_input_tokens']).toBe(minutes + hour)
  }
}

function expectChatUsage(played: Readonly<Record<string, unknown>>, given: ScriptedUsage): void {
  const { cache_creation: split } = given
  const written = (split?.ephemeral_5m_input_tokens ?? 0) + (split?.ephemeral_1h_input_tokens ?? 0)
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = played
  if (given.input_tokens !== undefined)
    expect(prompt).toBe(given.input_tokens + (given.cache_read_input_tokens ?? 0) + written)
  if (given.output_tokens !== undefined) expect(completion).toBe(given.output_tokens)
  expect(total).toBe(Number(prompt) + Number(completion))
}

function findStop({ calls, stop }: Pick<Case, 'calls' | 'stop'>): 'max_tokens' | 'tool_use' | 'end_turn' {
  return stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn')
}

/** The value as it is in JSON, which has no negative zero. */
function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
