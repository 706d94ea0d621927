import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import type { Upstream } from '@anthology/wire'
import { describe, expect, onTestFinished, test } from 'vitest'

import { makeWorkplace, runClaudeCode } from './claude-code.ts'
import type { Printed } from './claude-code.ts'
import { dieInTheMiddle } from './dying-upstream.ts'
import { startBefore, startTarget } from './rig.ts'
import type { Target } from './rig.ts'

interface Mode {
  readonly title: string
  /** Its protocol in the ledger. */
  readonly protocol: 'messages' | 'bedrock' | 'vertex'
  readonly variables: (target: Target) => Readonly<Record<string, string>>
}

/** The variables are from the pages "Claude Code on Amazon Bedrock", "... on Google Vertex AI" and "LLM gateway configuration". */
const modes: readonly Mode[] = [
  {
    title: 'Amazon Bedrock, signed',
    protocol: 'bedrock',
    variables: ({ baseUrl, aws }) => ({
      CLAUDE_CODE_USE_BEDROCK: '1',
      ANTHROPIC_BEDROCK_BASE_URL: baseUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: aws?.accessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: aws?.secretAccessKey ?? '',
    }),
  },
  {
    title: 'Amazon Bedrock with a bearer token, behind a prefix',
    protocol: 'bedrock',
    variables: ({ baseUrl, key }) => ({
      CLAUDE_CODE_USE_BEDROCK: '1',
      ANTHROPIC_BEDROCK_BASE_URL: `${baseUrl}/team/bedrock`,
      AWS_REGION: 'us-east-1',
      AWS_BEARER_TOKEN_BEDROCK: key,
    }),
  },
  {
    title: 'Vertex AI',
    protocol: 'vertex',
    variables: ({ baseUrl, key }) => ({
      CLAUDE_CODE_USE_VERTEX: '1',
      ANTHROPIC_VERTEX_BASE_URL: `${baseUrl}/v1`,
      ANTHROPIC_VERTEX_PROJECT_ID: 'a-project',
      CLOUD_ML_REGION: 'us-east5',
      CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
      ANTHROPIC_AUTH_TOKEN: key,
    }),
  },
  {
    title: 'Microsoft Foundry',
    protocol: 'messages',
    variables: ({ baseUrl, key }) => ({
      CLAUDE_CODE_USE_FOUNDRY: '1',
      ANTHROPIC_FOUNDRY_BASE_URL: `${baseUrl}/anthropic`,
      ANTHROPIC_FOUNDRY_API_KEY: key,
    }),
  },
]

describe.each(modes)('Claude Code on $title', ({ protocol, variables }) => {
  test('answers a prompt', async () => {
    const { target, workplace } = await prepare()
    const aim = { variables: variables(target) }

    const printed = await runClaudeCode(aim, workplace, 'Why is the sky blue?', { 'output-format': 'json' })

    expect(findResult(printed)).toMatchObject({
      subtype: 'success',
      is_error: false,
      num_turns: 1,
      result: expect.stringContaining('Claude'),
    })
    expect(target.calls().length).toBeGreaterThan(0)
    for (const call of target.calls())
      expect(call).toMatchObject({ protocol, key_id: 'local', outcome: 'answered' })
    expect(target.calls()[0]).toMatchObject({ streamed: 1n })
  })

  test('reads and edits a file with its tools, turn by turn', async () => {
    const { target, workplace } = await prepare()
    const aim = { variables: variables(target) }
    const file = join(workplace.folder, 'notes.txt')
    await writeFile(file, 'The sea is green today.\n')

    const printed = await runClaudeCode(
      aim,
      workplace,
      `Use the Read tool on "${file}", then use the Edit tool on "${file}" to replace "green" with "blue".`,
      { 'output-format': 'json', 'permission-mode': 'acceptEdits', allowedTools: 'Read,Edit' },
    )

    expect(findResult(printed)).toMatchObject({ subtype: 'success', num_turns: 3, permission_denials: [] })
    expect(await readFile(file, 'utf8')).toBe('The sea is blue today.\n')
    const turns = target.calls().filter((call) => call['streamed'] === 1n)
    expect(turns.toReversed().map((call) => call['stop_reason'])).toEqual([
      'tool_use',
      'tool_use',
      'end_turn',
    ])
  })
})

test('Claude Code on Amazon Bedrock retries without streaming when a stream ends with an exception', async () => {
  const emulator = createEmulator()
  // At the upstream only the body shows that the call is streamed.
  const send: Upstream['send'] = (request, receiver) =>
    Buffer.from(request.body ?? []).includes('"stream":true')
      ? dieInTheMiddle(request, receiver)
      : emulator.send(request, receiver)
  const target = await startBefore({ send })
  const [bedrock] = modes
  const aim = { variables: bedrock?.variables(target) ?? {} }

  const printed = await runClaudeCode(aim, await makeWorkplace(), 'Why is the sky blue?', {
    'output-format': 'json',
  })

  expect(findResult(printed)).toMatchObject({ subtype: 'success', is_error: false })
  const [last, died] = target.calls()
  expect(died).toMatchObject({ protocol: 'bedrock', streamed: 1n, outcome: 'upstream_aborted' })
  expect(last).toMatchObject({ protocol: 'bedrock', streamed: 0n, outcome: 'answered' })
})

async function prepare() {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  return { target, workplace: await makeWorkplace() }
}

/** The single object that it prints with `--output-format json`. */
function findResult({ exitCode, output, errors }: Printed): Readonly<Record<string, unknown>> {
  expect(exitCode, errors + output).toBe(0)
  return JSON.parse(output) as Record<string, unknown> // It prints an object.
}
