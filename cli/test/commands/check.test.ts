import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'
import { run } from '../console.ts'

const now = ['--as-of', '2026-11-22']

test('accepts a request of Claude Code to a current model, and prints its maximum cost', async () => {
  const input = readFileSync(
    new URL('../../../catalog/test/checks/requests/claude-code-opus-5-5.json', import.meta.url),
  )

  const { code, out } = await run(['check', '-', '--platform', 'anthropic', ...now], {
    input: input.toString(),
  })

  expect(code).toBe(0)
  expect(out).toContain('Claude API  accepted')
  expect(out).toMatch(/at most +\$2\.5\d+ +for [\d,]+ tokens in and 128,000 out/)
})

test('prints each finding once, with its platforms', async () => {
  const body = {
    ...question('claude-opus-5-5'),
    mcp_servers: [{ type: 'url', url: 'https://x.test', name: 'x' }],
  }

  const { code, out } = await run(['check', '-', '--beta', 'mcp-client-2025-11-20', ...now], {
    input: JSON.stringify(body),
  })

  expect(code).toBe(0)
  expect(out).toMatch(/Claude API +accepted/)
  expect(out).toMatch(/AWS Bedrock +rejected/)
  expect(out).toMatch(/Vertex AI +rejected/)
  expect(out.split('mcp_servers: Extra inputs are not permitted')).toHaveLength(2)
  expect(out).toContain('on AWS Bedrock, Vertex AI')
})

test('prints the error text of the API for what the model rejects', async () => {
  const body = { ...question('claude-opus-4-1'), max_tokens: 40_000, temperature: 0.5, top_p: 0.9 }

  const { code, out } = await run(['check', '-', '--json', '--as-of', '2025-08-15'], {
    input: JSON.stringify(body),
  })
  const said = JSON.parse(out) as Said

  expect(code).toBe(1)
  expect(said.refused).toBe(true)
  expect(messages(said, 'anthropic').toSorted()).toEqual([
    '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    'max_tokens: 40000 > 32000, which is the maximum allowed number of output tokens for claude-opus-4-1-20250805',
  ])
})

test.each([
  ['enforce', 1, 'model: claude-opus-4-1-20250805'],
  ['warn', 0, 'claude-opus-4-1-20250805 was retired on 2026-08-05'],
  ['ignore', 0, 'it is served with the facts of 2025-08-15'],
])('goes by the retirement of a model in the mode %s', async (mode, code, said) => {
  const result = await run(['check', '-', '--lifecycle', mode, '--platform', 'anthropic', ...now], {
    input: JSON.stringify(question('claude-opus-4-1')),
  })

  expect(result.code).toBe(code)
  expect(result.out.replaceAll(/\s+/g, ' ')).toContain(said)
})

test('rejects a body that no model accepts', async () => {
  const { code, out } = await run(['check', '-', ...now], {
    input: JSON.stringify({ model: 'claude-opus-5-5', messages: [{ role: 'user', content: 'Hi' }] }),
  })

  expect(code).toBe(1)
  expect(out).toContain('max_tokens: Field required')
})

test.each([
  [
    'a feature without its beta',
    { mcp_servers: [{ type: 'url', url: 'https://x.test', name: 'x' }] },
    [],
    'mcp_servers: Extra inputs are not permitted',
  ],
  [
    'an image that is none',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
        },
      ],
    },
    [],
    'Could not process image',
  ],
  [
    'a system message out of its place',
    {
      messages: ['user', 'system', 'user'].map((role) => ({ role, content: 'Hi' })),
    },
    [],
    "role 'system' must precede an 'assistant' message",
  ],
  ['an unknown version', {}, ['--api-version', '2024-01-01'], 'is not a valid version'],
])('refuses %s as the emulator does', async (_, members, flags, said) => {
  const input = JSON.stringify({ ...question('claude-opus-5-5'), ...members })

  const { code, out } = await run(['check', '-', '--platform', 'anthropic', ...flags, ...now], { input })

  expect(code).toBe(1)
  expect(out).toContain(said)
})

test('detects a Bedrock body by its version, and uses the model of the flag', async () => {
  const { model: _, ...body } = question('')
  const input = JSON.stringify({ ...body, anthropic_version: 'bedrock-2023-05-31' })

  const [named, unnamed] = [
    await run(['check', '-', '--model', 'claude-haiku-4-5', '--json', ...now], { input }),
    await run(['check', '-', ...now], { input }),
  ]
  const said = JSON.parse(named.out) as Said

  expect(named.code).toBe(0)
  expect(said.platforms.map(({ platform }) => platform)).toEqual(['bedrock'])
  expect(unnamed.code).toBe(2)
  expect(unnamed.err).toContain('the body has no model')
})

test('uses the API version of the flag', async () => {
  const argv = ['check', '-', '--json', '--platform', 'anthropic', ...now]
  const input = JSON.stringify({ ...question('claude-haiku-4-5'), temperature: 1 })

  const [old, young] = [
    await run([...argv, '--api-version', '2023-06-01'], { input }),
    await run([...argv, '--api-version', '2026-10-21'], { input }),
  ]

  expect(old.code).toBe(0)
  expect(young.code).toBe(1)
})

test('exits with 1 if the model is not offered', async () => {
  const { code, out } = await run(['check', '-', '--platform', 'foundry', ...now], {
    input: JSON.stringify(question('claude-3-haiku-20240307')),
  })

  expect(code).toBe(1)
  expect(out).toContain('not offered')
})

test.each([
  [['check'], '', 'check needs exactly one file'],
  [['check', '-'], '\n', 'standard input is empty'],
  [['check', '.'], '', '. is a folder, not a file'],
  [['check', '-'], 'nonsense', 'standard input is not JSON'],
  [['check', '-'], '[]', 'standard input is not a JSON object'],
  [['check', 'nowhere.json'], '', 'there is no file nowhere.json'],
  [['check', '-', '--lifecycle', 'never'], '{}', '--lifecycle cannot be "never"'],
])('calls %j with %j wrong use', async (argv, input, problem) => {
  const { code, err } = await run(argv, { input })

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

interface Said {
  readonly refused: boolean
  readonly platforms: readonly {
    readonly platform: string
    readonly findings: readonly { readonly message: string }[]
  }[]
}

function question(model: string): { model: string; max_tokens: number; messages: object[] } {
  return { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello, Claude' }] }
}

function messages({ platforms }: Said, wanted: string): readonly string[] {
  return platforms
    .filter(({ platform }) => platform === wanted)
    .flatMap(({ findings }) => findings.map(({ message }) => message))
}
