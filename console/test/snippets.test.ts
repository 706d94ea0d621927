import { models, nameOn } from '@anthology/catalog'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { clientGuides } from '../src/texts/start.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'
import { createProgramFolder, hasProgram } from './programs.ts'
import type { ProgramFolder } from './programs.ts'

let server: ConsoleServer
let folder: ProgramFolder

beforeAll(async () => {
  server = await startConsoleServer()
  folder = createProgramFolder()
})

afterAll(async () => {
  await server.close()
  folder.close()
})

function getSnippet(name: string): string {
  const guide = clientGuides.find((one) => one.name === name)
  if (guide === undefined) throw new Error(`no guide ${name}`)
  return guide.snippet(server.url, server.key)
}

/** Snippets that run as they stand, with a last line that prints the answer. */
const programs = {
  curl: { file: 'curl.sh', last: '', answer: '"stop_reason":"' },
  TypeScript: { file: 'sdk.mjs', last: 'console.log(message.stop_reason)', answer: 'end_turn' },
  'OpenAI SDK': { file: 'openai.mjs', last: 'console.log(answer.choices[0].finish_reason)', answer: 'stop' },
  'Vercel AI SDK': { file: 'ai.mjs', last: 'console.log("text", text.length)', answer: 'text ' },
} as const

test.each(Object.entries(programs))('the snippet for %s runs and is answered', async (name, program) => {
  const file = folder.write(program.file, `${getSnippet(name)}\n${program.last}\n`)

  const output = await folder.run(file.endsWith('.sh') ? 'bash' : process.execPath, file)

  expect(output).toContain(program.answer)
})

test('the snippet for Bedrock runs, with a program on the AWS SDK in place of the AWS CLI', async () => {
  folder.write(
    'aws.mjs',
    `import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
const [, , service, operation, , modelId, , messages] = process.argv
const answer = await new BedrockRuntimeClient().send(new ConverseCommand({ modelId, messages: JSON.parse(messages) }))
console.log(service, operation, answer.stopReason)`,
  )
  const shell = `aws() { '${process.execPath}' aws.mjs "$@"; }\n${getSnippet('Bedrock, AWS CLI and SDKs')}`

  const output = await folder.run('bash', folder.write('bedrock.sh', shell))

  expect(output.trim()).toBe('bedrock-runtime converse end_turn')
})

test('the snippets have a model that no announcement ends, by its name on each platform', () => {
  const [, id] = /"model":"([^"]+)"/.exec(getSnippet('curl')) ?? []
  const model = models.find((one) => one.id === id)
  if (model === undefined) throw new Error(`${id} is no model`)

  expect(model.lifecycle.anthropic.deprecated).toBeNull()
  expect(getSnippet('Bedrock, AWS CLI and SDKs')).toContain(`--model-id ${nameOn(model, 'bedrock')} `)
  expect(getSnippet('Vertex AI')).toContain(`model="${nameOn(model, 'vertex')}"`)
})

test('the variables for Claude Code lead to this gateway, which takes them as Claude Code sends them', async () => {
  // test/clients/claude-code.test.ts runs Claude Code itself with these two variables.
  const shell = `claude() { printf '%s %s' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_AUTH_TOKEN"; }\n${getSnippet('Claude Code')}`

  const [url = '', token = ''] = (await folder.run('bash', folder.write('claude.sh', shell))).split(' ')
  const answer = await send(`${url}/v1/messages?beta=true`, token, message)

  expect([url, answer.status]).toEqual([server.url, 200])
})

test('the address and the key for Cursor are those of a chat completion', async () => {
  const [, url = '', key = ''] = /base URL: (\S+)\nOpenAI API key: +(\S+)/.exec(getSnippet('Cursor')) ?? []

  const answer = await send(`${url}/chat/completions`, key, message)

  expect(answer.status).toBe(200)
})

test('the client for Vertex AI calls a path that the gateway serves', async () => {
  const snippet = getSnippet('Vertex AI')
  const read = (name: string) => new RegExp(`\\b${name}="([^"]+)"`).exec(snippet)?.[1] ?? ''
  // AnthropicVertex of the Python SDK builds the address like this.
  const model = `projects/${read('project_id')}/locations/${read('region')}/publishers/anthropic/models/${read('model')}`

  const { model: _model, ...body } = message
  const answer = await send(`${read('base_url')}/${model}:rawPredict`, read('access_token'), {
    anthropic_version: 'vertex-2023-10-16',
    ...body,
  })

  expect(answer.status).toBe(200)
})

/** Checks of the syntax by the tool chain of the language, where this machine has it. */
const syntax = {
  Python: python(),
  'Vertex AI': python(),
  LangChain: python(),
  Go: {
    file: 'snippet.go',
    program: 'gofmt',
    args: ['-e'],
    probe: ['go', 'version'],
    wrap: (text: string) => `package snippet\n\nfunc call() {\n${text}\n}\n`,
  },
  Java: {
    file: 'Snippet.java',
    program: 'javac',
    args: ['-proc:none', '-XDshould-stop.ifNoError=PARSE'],
    probe: ['javac', '-version'],
    wrap: (text: string) => `class Snippet {\nvoid call() {\n${text}\n}\n}\n`,
  },
  Ruby: {
    file: 'snippet.rb',
    program: 'ruby',
    args: ['-c'],
    probe: ['ruby', '-v'],
    wrap: (text: string) => text,
  },
  PHP: {
    file: 'snippet.php',
    program: 'php',
    args: ['-l'],
    probe: ['php', '-v'],
    wrap: (text: string) => `<?php\n${text}`,
  },
} as const

function python() {
  return {
    file: 'snippet.py',
    program: 'python3',
    args: ['-m', 'py_compile'],
    probe: ['python3', '--version'],
    wrap: (text: string) => text,
  }
}

const available = await Promise.all(
  Object.values(syntax).map(({ probe: [program, ...args] }) => hasProgram(program, ...args)),
)

test.each(
  Object.entries(syntax).map(([name, checker], at) => ({
    name,
    checker,
    note: available[at] === true ? 'is valid' : `is not checked: no ${checker.program} on the PATH`,
    isAvailable: available[at] === true,
  })),
)('the syntax of the snippet for $name $note', async ({ name, checker, isAvailable }) => {
  if (!isAvailable) return
  const file = folder.write(checker.file, checker.wrap(getSnippet(name)))

  await expect(folder.run(checker.program, file, { args: checker.args })).resolves.toBeDefined()
})

test('the snippet for Kotlin makes the calls of the one for Java, whose syntax is checked', () => {
  const kotlin = getSnippet('Kotlin')
    .replace('val client', 'AnthropicClient client')
    .replace('\nval message', ';\nMessage message')

  expect(`${kotlin};`).toBe(getSnippet('Java'))
})

test('every snippet has the address and the key, and closes every bracket', () => {
  for (const { name, snippet } of clientGuides) {
    const text = snippet(server.url, server.key)
    expect([name, text.includes(server.url), text.includes(server.key)]).toEqual([name, true, true])
    for (const [open, close] of brackets)
      expect([name, text.split(open).length]).toEqual([name, text.split(close).length])
  }
})

test('every guide is run, sends its request, has its syntax checked, is compared with one, or is named here', () => {
  const requests = ['Bedrock, AWS CLI and SDKs', 'Claude Code', 'Cursor', 'Vertex AI']
  // For C# only the address, the key and the brackets are checked.
  const words = ['C#']
  const compared = ['Kotlin']
  const covered = new Set([
    ...Object.keys(programs),
    ...Object.keys(syntax),
    ...requests,
    ...compared,
    ...words,
  ])

  expect(clientGuides.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([])
})

const brackets = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const

const message = {
  model: 'claude-sonnet-4-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Hello, Claude' }],
}

function send(url: string, token: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  })
}
