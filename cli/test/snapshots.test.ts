import { join } from 'node:path'

import { expect, test } from 'vitest'
import { commands } from '../src/index.ts'
import { run } from './console.ts'

// The output of each command in a narrow and in a wide terminal. Read each changed file before you commit
// it; `vitest run cli/test/snapshots.test.ts --update` writes them again.

const offline = ['--offline', '--config', join(import.meta.dirname, 'explain.yaml')]

const day = ['--as-of', '2026-11-22']

type Case = readonly [name: string, argv: readonly string[], input?: string]

const cases: readonly Case[] = [
  ['help', ['--help']],
  ['models', ['models', ...day]],
  ['models-of-the-page', ['models', '--as-of', '2025-08-15']],
  ['models-all', ['models', '--all', ...day]],
  ['models-opus-on-bedrock', ['models', '--family', 'opus', '--platform', 'bedrock', ...day]],
  ['models-compared', ['models', 'claude-opus-5-5', 'claude-opus-4-8', ...day]],
  ['model-sonnet-4', ['models', 'claude-sonnet-4-0', ...day]],
  ['model-haiku-5-5', ['models', 'claude-haiku-5-5', ...day]],
  ['resolve', ['resolve', 'sonnet[1m]', 'us.anthropic.claude-opus-4-5-20251101-v1:0', 'Opus 4.1', ...day]],
  ['resolve-unknown', ['resolve', 'claude-opus-9', 'claude-2.1', 'sonnet 3.5', ...day]],
  [
    'price',
    ['price', 'claude-opus-4-1', '--input', '1000', '--output', '500', '--cache-read', '12345', ...day],
  ],
  [
    'price-with-modifiers',
    ['price', 'claude-haiku-5-5', '--input', '150000', '--output', '20', '--batch', ...day],
  ],
  ['price-of-a-request', ['price', '-', ...day], request({ cached: true })],
  ['price-of-a-transcript', ['price', '-'], transcript()],
  ['check', ['check', '-', '--beta', 'mcp-client-2025-11-20', ...day], request({ mcp: true })],
  ['check-refused', ['check', '-', ...day], request({ model: 'claude-opus-4-1', sampling: true })],
  ['explain', ['explain', '-', ...offline], request({ model: 'claude-sonnet-4-0' })],
  ['explain-refused', ['explain', '-', ...offline], request({ model: 'claude-opus-4-1', sampling: true })],
  ['explain-unknown', ['explain', '-', ...offline], request({ model: 'claude-opus-9' })],
  ['calendar', ['calendar', ...day]],
  ...[...commands.map(({ name }) => name), 'completion', 'help', 'version'].map(
    (name): readonly [string, readonly string[]] => [`help-${name}`, [name, '--help']],
  ),
]

const printed = cases.map(([name, argv, input]) => ({
  name,
  argv,
  given: input === undefined ? {} : { input },
}))

test.each(printed.flatMap((each) => [80, 140].map((columns) => ({ ...each, columns }))))(
  'prints the reviewed text of $name in $columns columns',
  async ({ name, argv, given, columns }) => {
    const { code, out, err } = await run(argv, { columns, ...given })
    const shown = `${out}${err === '' ? '' : `--- standard error\n${err}`}--- exit ${code}\n`

    await expect(shown).toMatchFileSnapshot(`snapshots/${name}.${columns}.txt`)
  },
)

test.each(printed)('keeps $name within the terminal', async ({ argv, given }) => {
  const { out } = await run(argv, { columns: 80, ...given })

  // Ids and examples are never wrapped; nothing else is wider than the terminal.
  const wide = out.split('\n').filter((line) => line.length > 80 && !/claude-|anthology/.test(line))
  expect(wide).toEqual([])
})

interface Wanted {
  readonly model?: string
  readonly cached?: boolean
  readonly mcp?: boolean
  readonly sampling?: boolean
}

function request({
  model = 'claude-opus-5-5',
  cached = false,
  mcp = false,
  sampling = false,
}: Wanted): string {
  const text = {
    type: 'text',
    text: 'Hello, Claude',
    ...(cached ? { cache_control: { type: 'ephemeral' } } : {}),
  }
  return JSON.stringify({
    model,
    max_tokens: 1024,
    messages: [{ role: 'user', content: [text] }],
    ...(mcp ? { mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'example' }] } : {}),
    ...(sampling ? { temperature: 0.5, top_p: 0.9 } : {}),
  })
}

function transcript(): string {
  const answer = (id: string, model: string, usage: object) =>
    JSON.stringify({ type: 'assistant', timestamp: '2026-11-20T08:00:00Z', message: { id, model, usage } })
  return [
    '{"type":"user","message":{"role":"user","content":"Hello"}}',
    answer('msg_1', 'claude-opus-5-5', {
      input_tokens: 1200,
      cache_creation_input_tokens: 30000,
      output_tokens: 800,
    }),
    answer('msg_1', 'claude-opus-5-5', {
      input_tokens: 1200,
      cache_creation_input_tokens: 30000,
      output_tokens: 800,
    }),
    answer('msg_2', 'claude-opus-5-5', {
      input_tokens: 40,
      cache_read_input_tokens: 31200,
      output_tokens: 1500,
    }),
    answer('msg_3', 'claude-haiku-5-5', { input_tokens: 900, output_tokens: 60 }),
    answer('msg_4', 'gpt-5', { input_tokens: 900, output_tokens: 60 }),
  ].join('\n')
}
