import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { makeWorkplace, runClaudeCode } from './claude-code.ts'
import type { Printed } from './claude-code.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'

test('answers a prompt, and the ledger has the cost that Claude Code computes', async () => {
  const { target, workplace } = await prepare()

  const printed = await runClaudeCode(target, workplace, 'Why is the sky blue?', { 'output-format': 'json' })

  const result = findResult(printed)
  expect(result).toMatchObject({
    subtype: 'success',
    is_error: false,
    num_turns: 1,
    stop_reason: 'end_turn',
    result: expect.stringContaining('Claude Opus 5.5'),
    permission_denials: [],
  })
  expect(target.calls()).toEqual([
    expect.objectContaining({
      model: 'claude-opus-5-5',
      session_id: result['session_id'],
      streamed: 1n,
      outcome: 'answered',
      cost_nano_usd: computeCost(result),
    }),
  ])
  expect(nanoUsd(result['total_cost_usd'])).toBe(computeCost(result))
})

test('reads and edits a file with its tools, turn by turn', async () => {
  const { target, workplace } = await prepare()
  const file = join(workplace.folder, 'notes.txt')
  await writeFile(file, 'The sea is green today.\n')

  const printed = await runClaudeCode(
    target,
    workplace,
    `Use the Read tool on "${file}", then use the Edit tool on "${file}" to replace "green" with "blue".`,
    { 'output-format': 'json', 'permission-mode': 'acceptEdits', allowedTools: 'Read,Edit' },
  )

  const result = findResult(printed)
  expect(result).toMatchObject({ subtype: 'success', num_turns: 3, permission_denials: [] })
  expect(await readFile(file, 'utf8')).toBe('The sea is blue today.\n')
  const calls = target.calls().toReversed()
  expect(calls.map((call) => call['stop_reason'])).toEqual(['tool_use', 'tool_use', 'end_turn'])
  expect(new Set(calls.map((call) => call['session_id']))).toEqual(new Set([result['session_id']]))
  expect(calls.reduce((sum, call) => sum + BigInt(String(call['cost_nano_usd'])), 0n)).toBe(
    computeCost(result),
  )
  // Each turn reads the cache entry that the previous turn wrote.
  expect(calls.map((call) => computeUsage(call).cache_read_input_tokens > 0)).toEqual([false, true, true])
})

test('writes a new file', async () => {
  const { target, workplace } = await prepare()
  const file = join(workplace.folder, 'hello.txt')

  const printed = await runClaudeCode(
    target,
    workplace,
    `Use the Write tool to create the file "${file}" with the content "Hello, tides.".`,
    { 'output-format': 'json', 'permission-mode': 'acceptEdits' },
  )

  expect(findResult(printed)).toMatchObject({ subtype: 'success', num_turns: 2, permission_denials: [] })
  expect(await readFile(file, 'utf8')).toBe('Hello, tides.')
})

test('returns a result that satisfies a JSON schema', async () => {
  const { target, workplace } = await prepare()
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, inhabitants: { type: 'integer' } },
    required: ['city', 'inhabitants'],
    additionalProperties: false,
  }

  const printed = await runClaudeCode(target, workplace, 'How many people live in Lisbon?', {
    'output-format': 'json',
    'json-schema': JSON.stringify(schema),
  })

  const result = findResult(printed)
  expect(result).toMatchObject({
    subtype: 'success',
    structured_output: { city: 'Lisbon', inhabitants: expect.any(Number) },
  })
  expect(JSON.parse(String(result['result']))).toEqual(result['structured_output'])
})

test('prints a stream of JSON whose text events join to the result', async () => {
  const { target, workplace } = await prepare()

  const printed = await runClaudeCode(target, workplace, 'Name three rivers.', {
    'output-format': 'stream-json',
    verbose: true,
    'include-partial-messages': true,
  })

  const lines = iterateLines(printed)
  expect(lines.at(0)).toMatchObject({ type: 'system', subtype: 'init', model: 'claude-opus-5-5' })
  expect(lines.at(-1)).toMatchObject({ type: 'result', subtype: 'success', is_error: false })
  const events = lines.filter((line) => line.type === 'stream_event').map((line) => line.event)
  expect(events.at(0)).toMatchObject({ type: 'message_start' })
  expect(events.at(-1)).toMatchObject({ type: 'message_stop' })
  const heard = events.map((event) => event?.delta?.text ?? '')
  expect(heard.join('')).toBe(lines.at(-1)?.result)
})

test('starts a sub-agent, whose calls have its id and the same session', async () => {
  const { target, workplace } = await prepare()

  const printed = await runClaudeCode(
    target,
    workplace,
    'Use the Agent tool with the description "count rivers" and the prompt "Name three rivers"',
    { 'output-format': 'stream-json', verbose: true, allowedTools: 'Agent' },
  )

  const started = iterateLines(printed).find((line) => line.subtype === 'task_started')
  expect(started).toMatchObject({ description: 'count rivers', prompt: 'Name three rivers' })
  const calls = target.calls()
  expect(new Set(calls.map((call) => call['session_id'])).size).toBe(1)
  expect(calls.filter((call) => call['agent_id'] === started?.task_id)).toHaveLength(1)
  expect(calls.filter((call) => call['agent_id'] === null).length).toBeGreaterThanOrEqual(2)
})

test('continues a conversation, and reads it from the cache', async () => {
  const { target, workplace } = await prepare()

  const first = await runClaudeCode(target, workplace, 'Name a river.', { 'output-format': 'json' })
  const sessionId = String(findResult(first)['session_id'])
  const second = await runClaudeCode(target, workplace, 'And another one.', {
    'output-format': 'json',
    resume: sessionId,
  })

  expect(findResult(second)).toMatchObject({ subtype: 'success', session_id: sessionId })
  const calls = target.calls().toReversed()
  expect(calls.map((call) => call['session_id'])).toEqual([sessionId, sessionId])
  expect(computeUsage(calls[1]).cache_read_input_tokens).toBeGreaterThan(0)
})

test('reports an unknown model', async () => {
  const { target, workplace } = await prepare()

  const printed = await runClaudeCode(target, workplace, 'Why is the sky blue?', {
    'output-format': 'json',
    model: 'claude-opus-41',
  })

  expect(printed.exitCode).toBe(1)
  expect(JSON.parse(printed.output)).toMatchObject({
    is_error: true,
    api_error_status: 404,
    result: expect.stringContaining('claude-opus-41'),
  })
})

/** The price of Claude Opus 5.5 on its page, in USD per million tokens; one is 1,000 nano-dollars per token. */
const pricesUsd = { input: 4, write: 5, write1h: 8, read: 0.2, output: 20 }

interface Usage {
  readonly input_tokens: number
  readonly cache_read_input_tokens: number
  readonly output_tokens: number
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number
    readonly ephemeral_1h_input_tokens: number
  }
}

/** A line of its streaming output: the members that these tests read. */
interface Line {
  readonly type: string
  readonly subtype?: string
  readonly task_id?: string
  readonly result?: string
  readonly event?: { readonly delta?: { readonly text?: string } }
}

async function prepare(): Promise<{
  target: Target
  workplace: Awaited<ReturnType<typeof makeWorkplace>>
}> {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  return { target, workplace: await makeWorkplace() }
}

/** The single object that it prints with `--output-format json`. */
function findResult(printed: Printed): Readonly<Record<string, unknown>> {
  expect(printed).toMatchObject({ exitCode: 0, errors: '' })
  return JSON.parse(printed.output) as Record<string, unknown> // It prints an object.
}

function iterateLines(printed: Printed): readonly Line[] {
  expect(printed).toMatchObject({ exitCode: 0, errors: '' })
  const lines = printed.output.trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Line) // Each line is an object with a `type`.
}

function computeUsage(call: Readonly<Record<string, unknown>> | undefined): Usage {
  return JSON.parse(String(call?.['usage'])) as Usage // As the emulator sent it.
}

/** The cost of a result's usage at the page's prices, in nano-dollars. */
function computeCost(result: Readonly<Record<string, unknown>>): bigint {
  const usage = result['usage'] as Usage // The sum over its calls, in the spelling of the API.
  const created = usage.cache_creation
  const nano =
    usage.input_tokens * pricesUsd.input +
    created.ephemeral_5m_input_tokens * pricesUsd.write +
    created.ephemeral_1h_input_tokens * pricesUsd.write1h +
    usage.output_tokens * pricesUsd.output
  // 0.2 is not exact in binary; five reads are one dollar.
  return BigInt(nano) * 1_000n + BigInt(usage.cache_read_input_tokens) * 200n
}

/** Claude Code adds in floating point, so the last digits are noise. */
function nanoUsd(usd: unknown): bigint {
  return BigInt(Math.round(Number(usd) * 1e9))
}
