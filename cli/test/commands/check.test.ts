import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import type { Finding } from '@anthology/catalog'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

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

test('rejects a tool schema of an older draft, and half a surrogate pair, as the API does', async () => {
  const tools = [{ name: 'f', input_schema: { type: 'object', properties: { a: { required: true } } } }]
  const half = JSON.stringify(question('claude-opus-5-5')).replace('}]', String.raw`},{"a":"\ud83d"}]`)

  const results = await Promise.all(
    [JSON.stringify({ ...question('claude-opus-5-5'), tools }), half].map((input) =>
      run(['check', '-', '--json', ...now], { input }),
    ),
  )

  const texts = results.map(({ code, out }) => [code, messages(JSON.parse(out) as Said, 'anthropic')])
  expect(texts).toEqual([
    [1, [expect.stringMatching(/^tools\.0\.custom\.input_schema: JSON schema is invalid\. /)]],
    [
      1,
      [
        expect.stringMatching(
          /^The request body is not valid JSON: no low surrogate in string: line 1 column \d+ /,
        ),
      ],
    ],
  ])
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

test('checks what a deployment of Foundry lacks where it is hosted', async () => {
  const tools = [{ type: 'code_execution_20250825', name: 'code_execution' }]
  const input = JSON.stringify({ ...question('claude-opus-4-8'), tools })
  const on = (...flags: readonly string[]) => run(['check', '-', ...flags, ...now], { input })

  const azure = await on('--platform', 'foundry', '--hosting', 'azure')
  const everywhere = await on('--hosting', 'azure')

  expect(azure.code).toBe(1)
  expect(azure.out).toContain('code_execution not supported in your workspace.')
  expect(everywhere.code).toBe(0)
  expect(everywhere.out).toMatch(/Foundry +rejected/)
  expect((await on('--platform', 'foundry', '--hosting', 'anthropic')).code).toBe(0)
  expect((await on('--platform', 'bedrock', '--hosting', 'azure')).err).toContain('--hosting is for Foundry')
})

test('reads files of Windows: with a byte order mark, and as UTF-16', async () => {
  const cwd = temporaryFolder()
  const body = JSON.stringify({
    model: 'claude-opus-5',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'é' }],
  })
  writeFileSync(join(cwd, 'bom.json'), `\ufeff${body}`)
  writeFileSync(join(cwd, 'utf16.json'), Buffer.from(`\ufeff${body}`, 'utf16le'))

  for (const argv of [
    ['check', 'bom.json', ...now],
    ['check', 'utf16.json', ...now],
    ['check', '-', ...now],
  ])
    expect(await run(argv, { cwd, input: `\ufeff${body}` })).toMatchObject({ code: 0, err: '' })
})

test.each([
  [['check'], '', 'check needs exactly one file'],
  [['check', '-'], '\n', 'standard input is empty'],
  [['check', '.'], '', '. is a folder, not a file'],
  [['check', '-'], 'nonsense', 'standard input is not JSON'],
  [['check', '-'], '{\n  "model": }', 'standard input is not JSON'],
  [['check', '-'], '{\n"a": 1\n', 'standard input is not JSON at line 3, column 1'],
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
    readonly findings: readonly Finding[]
  }[]
}

test('the bounds of a name with a geography have the regional price, those of global. do not', async () => {
  const read = async (name: string) => {
    const { out } = await run(['check', '-', '--json', ...now], { input: JSON.stringify(question(name)) })
    const { quote } = JSON.parse(out)
    return quote.high_lines.map(({ usd_per_mtok: price }: { readonly usd_per_mtok: string }) => price)
  }

  expect(await read('us.anthropic.claude-opus-5')).toEqual(['5.50', '27.50'])
  expect(await read('global.anthropic.claude-opus-5')).toEqual(['5.00', '25.00'])
})

function question(model: string): { model: string; max_tokens: number; messages: object[] } {
  return { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello, Claude' }] }
}

function messages({ platforms }: Said, wanted: string): readonly string[] {
  return platforms
    .filter(({ platform }) => platform === wanted)
    .flatMap(({ findings }) => findings.map(({ message }) => message))
}

test('counts the price of a long prompt where the name requests the long window', async () => {
  const content = 'tea '.repeat(260_000)
  const estimate = async (model: string) => {
    const input = JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content }] })
    const flags = ['--platform', 'anthropic', '--as-of', '2025-09-01', '--json']
    return JSON.parse((await run(['check', '-', ...flags], { input })).out)
  }

  const [wide, usual] = [await estimate('claude-sonnet-4-0[1m]'), await estimate('claude-sonnet-4-0')]

  expect([usual, wide].map(({ quote }) => quote.high_usd)).toEqual(['0.600015', '6.0000225'])
})

test('checks a Converse request on Bedrock, with paths of its own body', async () => {
  const body = {
    modelId: 'us.anthropic.claude-opus-4-1-20250805-v1:0',
    messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    inferenceConfig: { maxTokens: 40_000, temperature: 0.5, topP: 0.9 },
    additionalModelRequestFields: { thinking: { type: 'adaptive' } },
  }

  const { code, out } = await run(['check', '-', '--json', ...now], { input: JSON.stringify(body) })
  const said = JSON.parse(out) as Said & { protocol: string }

  expect(code).toBe(1)
  expect(said.protocol).toBe('converse')
  expect(said.platforms.map(({ platform }) => platform)).toEqual(['bedrock'])
  expect(errorsOn(said, 'bedrock')).toEqual([
    ['inferenceConfig.temperature', expect.stringContaining('cannot both be specified')],
    ['inferenceConfig.maxTokens', expect.stringContaining('max_tokens: 40000 > 32000')],
    ['additionalModelRequestFields.thinking.type', 'adaptive thinking is not supported on this model'],
  ])
})

test('checks a Converse body for a model that is given, and tools, betas and effort where Converse has them', async () => {
  const body = {
    messages: [{ role: 'user', content: [{ text: 'Hi' }, { cachePoint: { type: 'default' } }] }],
    toolConfig: {
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
      toolChoice: { any: {} },
    },
    outputConfig: { effort: 'low' },
    additionalModelRequestFields: { anthropic_beta: ['nonsense-2020-01-01'] },
  }
  const { out } = await run(
    ['check', '-', '--json', '--platform', 'bedrock', '--model', 'claude-sonnet-5', ...now],
    { input: JSON.stringify(body) },
  )
  const said = JSON.parse(out) as Said

  expect(errorsOn(said, 'bedrock')).toEqual([
    ['toolConfig.toolChoice', 'Thinking may not be enabled when tool_choice forces tool use.'],
  ])
  expect(listFindings(said, 'bedrock').map(({ path }) => path)).toContain(
    'additionalModelRequestFields.anthropic_beta',
  )
})

test('rejects a Converse body in the words of Bedrock', async () => {
  const body = { messages: [{ role: 'assistant', content: [{ text: 'Hi' }] }] }
  const { code, out } = await run(
    ['check', '-', '--platform', 'bedrock', '--model', 'claude-opus-5', ...now],
    { input: JSON.stringify(body) },
  )

  expect(code).toBe(1)
  expect(out.replaceAll(/\s+/g, ' ')).toContain('A conversation must start with a user message.')
  expect(out).toContain('a Converse request')
})

test('checks a chat completions request, and names what has no effect', async () => {
  const body = {
    model: 'claude-haiku-5-5',
    max_completion_tokens: 200_000,
    top_p: 0.5,
    seed: 7,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ],
  }
  const { code, out } = await run(['check', '-', '--json', ...now], { input: JSON.stringify(body) })
  const said = JSON.parse(out) as Said

  expect(code).toBe(1)
  expect(said.platforms.map(({ platform }) => platform)).toEqual(['anthropic'])
  expect(errorsOn(said, 'anthropic')).toEqual([
    ['max_completion_tokens', expect.stringContaining('200000 > 128000')],
  ])
  expect(listFindings(said, 'anthropic').map(({ message }) => message)).toContain(
    'without effect on this endpoint: seed, top_p',
  )
})

test.each([
  [{ messages: [{ role: 'user', content: 'Hi' }] }, 'messages'],
  [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] }, 'messages'],
  [
    {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'x' },
      ],
    },
    'messages',
  ],
  [{ messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }, 'converse'],
  [{ messages: [{ role: 'user', content: 'Hi' }], inferenceConfig: {} }, 'converse'],
  [{ messages: [{ role: 'system', content: 'Hi' }] }, 'openai'],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'openai'],
  [{ messages: [], tools: [{ type: 'function', function: { name: 'f' } }] }, 'openai'],
  [{ messages: [], response_format: { type: 'text' } }, 'openai'],
  // A mistake in a request of the Messages API is named by its own rules.
  [{ messages: [], system: 'Be brief.', stop: ['x'] }, 'messages'],
  [{ max_tokens: 9, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }, 'messages'],
  [{}, 'messages'],
])('recognizes the API of %j: %s', async (body, protocol) => {
  const { out } = await run(['check', '-', '--json', '--model', 'claude-opus-5', ...now], {
    input: JSON.stringify(body),
  })

  expect(JSON.parse(out)).toMatchObject({ protocol })
})

test('reads a body as the given API', async () => {
  const input = JSON.stringify({ model: 'claude-opus-5', messages: [{ role: 'user', content: 'Hi' }] })
  const [detected, given] = [
    await run(['check', '-', ...now], { input }),
    await run(['check', '-', '--protocol', 'openai', ...now], { input }),
  ]

  // The Messages API requires a limit, chat completions have a default.
  expect([detected.code, given.code]).toEqual([1, 0])
  expect((await run(['check', '-', '--protocol', 'soap'], { input })).code).toBe(2)
})

test.each([
  ['us.anthropic.claude-opus-5', 1.1],
  ['global.anthropic.claude-opus-5', 1],
])('bounds the cost of a request to %s by its endpoint', async (model, factor) => {
  const high = async (name: string) => {
    const { out } = await run(['check', '-', '--json', ...now], { input: JSON.stringify(question(name)) })
    return JSON.parse(out) as { platforms: { platform: string }[]; quote: { high_usd: string } }
  }
  const [plain, there] = [await high('claude-opus-5'), await high(model)]

  expect(Number(there.quote.high_usd)).toBeCloseTo(Number(plain.quote.high_usd) * factor, 9)
  expect(there.platforms).toMatchObject([{ platform: 'bedrock' }])
})

function listFindings(said: Said, platform: string): readonly Finding[] {
  return said.platforms.find((each) => each.platform === platform)?.findings ?? []
}

function errorsOn(said: Said, platform: string): readonly (readonly [string | null, string])[] {
  return listFindings(said, platform)
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => [path, message])
}

test('asks for the model of a body whose API has it in the address', async () => {
  const input = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }] })
  const { code, err } = await run(['check', '-', '--platform', 'bedrock'], { input })

  expect(code).toBe(2)
  expect(err).toContain('this API has it in the address')
  expect(err).toContain('--model')
})
