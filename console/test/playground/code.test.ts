import { execFile } from 'node:child_process'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { models } from '@anthology/catalog'
import { jsonValue, sample } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCodeRequest } from '../../src/pages/playground/code/code-request.ts'
import type { Target } from '../../src/pages/playground/code/code-request.ts'
import { printPython, printRuby } from '../../src/pages/playground/code/literals.ts'
import { listLanguages, printCode } from '../../src/pages/playground/code/print-code.ts'
import type { Language } from '../../src/pages/playground/code/print-code.ts'
import { startConsoleServer } from '../console-server.ts'
import type { ConsoleServer } from '../console-server.ts'
import { createProgramFolder, hasProgram } from '../programs.ts'
import type { ProgramFolder } from '../programs.ts'

const execute = promisify(execFile)
/** A machine without a tool chain is told in the name of the test. */
const named = (name: string, tool = 'python3', has = hasPython): string =>
  has ? name : `${name} (not run: no ${tool})`
const hasPython = await hasProgram('python3', '--version')
const hasJavac = await hasProgram('javac', '-version')
const hasRuby = await hasProgram('ruby', '-v')
const hasPhp = await hasProgram('php', '-v')
const csharpCompiler = await findCsharpCompiler()
/** A folder with the jars of com.anthropic:anthropic-java and what it needs. */
const javaJars = process.env['ANTHOLOGY_TEST_JAVA']
/** A version in the module cache of this machine; nothing is downloaded. */
const goSdk = '1.84.0'
const goEnv = { GOPROXY: 'off', GOSUMDB: 'off', GOFLAGS: '-mod=mod', HOME: process.env['HOME'] ?? '' }
const hasGoSdk = await execute(
  'go',
  ['mod', 'download', `github.com/anthropics/anthropic-sdk-go@v${goSdk}`],
  {
    env: { ...goEnv, PATH: process.env['PATH'] },
  },
).then(
  () => true,
  () => false,
)

const hostile = 'Say "hi"\n`#{1}` $HOME ${x} \\u0041 """ \'\'\' \u2028 €😀\nJSON\nJSON;'
const beta = 'interleaved-thinking-2025-05-14'
const body = {
  model: 'claude-sonnet-4-5-20250929',
  max_tokens: 64,
  system: hostile,
  messages: [{ role: 'user', content: [{ type: 'text', text: hostile }] }],
  tools: [
    {
      name: 'get_weather',
      input_schema: {
        type: 'object',
        properties: { city: { type: 'string', nullable: true, default: null } },
      },
    },
  ],
}
/** A conversation with everything that the formats of OpenAI and AWS have under other names. */
const conversation = {
  max_tokens: 4096,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } },
  top_k: 5,
  tool_choice: { type: 'auto' },
  stop_sequences: ['STOP'],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: hostile, cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I ask.' },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Rome', bytes: 'aGk=' } },
        { type: 'tool_use', id: 'toolu_2', name: 'get_weather', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Sunny' },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no city', is_error: true },
      ],
    },
  ],
}

/** The name of the model on each target. */
const names: Readonly<Record<Target, string>> = {
  gateway: 'claude-sonnet-4-5-20250929',
  claude: 'claude-sonnet-4-5-20250929',
  bedrock: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  vertex: 'claude-sonnet-4-5@20250929',
  foundry: 'claude-sonnet-4-5',
  openai: 'claude-sonnet-4-5-20250929',
  converse: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
}
const targets = Object.keys(names) as readonly Target[] // The keys of the table.
const messagesTargets = targets.filter((target) => target !== 'openai' && target !== 'converse')

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

/** Writes the programs of a language for all targets that have it, streaming and not, and returns the files. */
function writePrograms(language: Language, ending: string): readonly string[] {
  return targets
    .filter((target) => listLanguages(target).includes(language))
    .flatMap((target) =>
      [true, false].map((stream) =>
        folder.write(
          `${target}_${stream}.${ending}`,
          print(language, { target, changes: { ...conversation, stream }, betas: [beta] }),
        ),
      ),
    )
}

/** The compiler in the newest SDK of dotnet, if it finds the error of a broken program; it needs no package for that. */
async function findCsharpCompiler(): Promise<string | null> {
  const broken = createProgramFolder()
  try {
    const { stdout } = await execute('dotnet', ['--list-sdks'])
    const [, version = '', path = ''] = /^(\S+) \[(.+)\]$/.exec(stdout.trim().split('\n').at(-1) ?? '') ?? []
    const compiler = join(path, version, 'Roslyn', 'bincore', 'csc.dll')
    broken.write('broken.cs', 'var x = (1;\n')
    const errors = await listSyntaxErrors(compiler, join(broken.path, 'broken.cs'))
    return errors.length > 0 ? compiler : null
  } catch {
    return null
  } finally {
    broken.close()
  }
}

/** Without references the compiler also reports unknown types, whose errors have other numbers. */
async function listSyntaxErrors(compiler: string, file: string): Promise<readonly string[]> {
  const args = [compiler, '-nologo', '-langversion:latest', `-out:${file}.dll`, file]
  const output = await execute('dotnet', args).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout?: string }) => stdout ?? '',
  )
  return output.match(/error CS(?:10[0-5]\d|15(?:1[3-9]|2\d)|899\d|900\d):.*/g) ?? []
}

interface PrintOptions {
  readonly target?: Target
  readonly changes?: object
  readonly betas?: readonly string[]
}

function print(
  language: Language,
  { target = 'gateway', changes = {}, betas = [] }: PrintOptions = {},
): string {
  const model = models.find(({ id }) => id === body.model)
  if (model === undefined) throw new Error(`no model ${body.model}`)
  const result = createCodeRequest({
    target,
    model,
    body: { ...body, ...changes },
    betas,
    gatewayUrl: server.url,
  })
  if (!result.ok) throw new Error(`${target}: ${result.because}`)
  return printCode(language, result.request)
}

function runCode(file: string, program: string, text: string): Promise<string> {
  return folder.run(program, folder.write(file, text), { env: secrets() })
}

/** The conversation without what the model has not, and without files, which are no real ones. */
function createCall(stream: boolean): object {
  const { thinking: _thinking, output_config: _config, messages, ...rest } = conversation
  const texts = messages.map(({ role, content }) => ({
    role,
    content: content.filter(({ type }) => type !== 'image' && type !== 'document'),
  }))
  return { ...rest, messages: texts, stream }
}

function secrets() {
  return { ANTHOLOGY_KEY: server.key, AWS_BEARER_TOKEN_BEDROCK: server.key }
}

test.each([false, true])(
  'the curl and TypeScript programs run against the gateway, stream %s',
  async (stream) => {
    const changes = { stream, thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2048 }
    const printed = { changes, betas: [beta] }
    const answers = [
      await runCode('call.sh', 'bash', print('curl', printed)),
      await runCode('call.mjs', process.execPath, print('TypeScript', printed)),
    ]
    for (const answer of answers) expect(answer).toContain(stream ? 'message_delta' : '"stop_reason"')
  },
)

test('no program contains a key, and each names the model as its target does', () => {
  for (const target of targets)
    for (const language of listLanguages(target)) {
      const code = print(language, { target })
      const isNamed = code.includes(names[target]) || code.includes(encodeURIComponent(names[target]))
      expect([language, target, isNamed, code.includes(server.key)]).toEqual([language, target, true, false])
    }
})

test('the TypeScript programs of all targets are valid', () => {
  for (const target of targets)
    expect(() => stripTypeScriptTypes(print('TypeScript', { target }))).not.toThrow()
})

test.each([false, true])(
  'the programs on the SDKs of OpenAI and AWS run against the gateway, stream %s',
  async (stream) => {
    const run = async (target: 'openai' | 'converse') => {
      const printed = { target, changes: createCall(stream) }
      return [
        await runCode('call.mjs', process.execPath, print('TypeScript', printed)),
        await runCode('call.sh', 'bash', print('curl', printed)),
      ]
    }

    for (const answer of await run('openai')) expect(answer).toMatch(/"finish_reason": ?"stop"/)
    for (const answer of await run('converse')) expect(answer).toMatch(/"stopReason": ?"end_turn"/)
  },
)

test('a chat completion has the names of OpenAI, and of the Messages API where OpenAI has none', () => {
  const code = print('Python', { target: 'openai', changes: conversation })

  expect(code).toContain('"url": "data:image/png;base64,iVBORw0KGgo="')
  expect(code).toContain('"arguments": "{\\"city\\":\\"Rome\\",\\"bytes\\":\\"aGk=\\"}"')
  expect(code).toMatch(/"role": "tool",\n\s+"tool_call_id": "toolu_1",\n\s+"content": "Sunny"/)
  expect(code).toMatch(/"tool_use_id": "toolu_2",\n\s+"content": "no city",\n\s+"is_error": True/)
  expect(code).toMatch(/extra_body=\{[^]*"thinking"[^]*"top_k": 5/)
  expect(code).toContain('reasoning_effort="low"')
})

test('Converse has bytes as bytes, cache points, and other members in additionalModelRequestFields', () => {
  const code = print('TypeScript', { target: 'converse', changes: conversation })

  expect(code).toContain(`bytes: Buffer.from("iVBORw0KGgo=", 'base64')`)
  expect(code).toContain('bytes: "aGk="')
  expect(code).toMatch(/cachePoint: \{\n\s+type: "default",\n\s+ttl: "1h"/)
  expect(code).toMatch(/toolUseId: "toolu_2",[^}]*\{\n\s+text: "no city"[^]*status: "error"/)
  expect(code).toMatch(/additionalModelRequestFields: \{[^]*thinking[^]*top_k: 5/)
})

test('a block that a format has no place for is named', () => {
  const model = models.find(({ id }) => id === body.model)
  if (model === undefined) throw new Error(`no model ${body.model}`)
  const messages = [
    { role: 'assistant', content: [{ type: 'server_tool_use', id: 'x', name: 'web_search' }] },
  ]
  for (const target of ['openai', 'converse'] as const)
    expect(
      createCodeRequest({ target, model, body: { ...body, messages }, betas: [], gatewayUrl: server.url }),
    ).toEqual({ ok: false, because: 'no_counterpart', place: 'server_tool_use' })
})

test.each(['Java', 'Java, HTTP', 'C#', 'C#, HTTP', 'PHP', 'PHP, HTTP', 'Go'] as const)(
  'the body in the code for %s is the JSON of the request',
  (language) => {
    const code = print(language)
    const [, text = ''] =
      /`([^]*)`\n/.exec(language === 'Go' ? code : '') ??
      /<<<'JSON'\n([^]*)\nJSON[;)]/.exec(code) ??
      /"""\n([^]*)\n"""/.exec(code) ??
      []
    const read: unknown = JSON.parse(language.startsWith('Java') ? text.replaceAll('\\\\', '\\') : text)

    // What Java and PHP have beside the text are arguments of their own.
    const { model, max_tokens, ...rest } = body
    const isSplit = language === 'Java' || language === 'PHP'
    expect(read).toEqual(isSplit ? rest : body)
    expect(code).toContain(model)
    expect(code).toContain(String(max_tokens))
  },
)

test(named('Python reads every printed value as the value that it was'), async () => {
  if (!hasPython) return
  const values = sample(jsonValue(), 200)
  const script = 'import ast,json,sys; print(json.dumps([ast.literal_eval(t) for t in json.load(sys.stdin)]))'
  const child = execute('python3', ['-c', script], { maxBuffer: 64 * 1024 * 1024 })
  child.child.stdin?.end(JSON.stringify(values.map((value) => printPython(value, 0))))
  const { stdout } = await child
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(values)))
})

test(named('the Python programs of all targets compile'), async () => {
  if (!hasPython) return
  const files = targets.flatMap((target) =>
    [true, false].map((stream) =>
      folder.write(
        `${target}_${stream}.py`,
        print('Python', { target, changes: { ...conversation, stream }, betas: ['a-2025-01-01'] }),
      ),
    ),
  )
  const [last = '', ...others] = files
  await expect(folder.run('python3', last, { args: ['-m', 'py_compile', ...others] })).resolves.toBeDefined()
})

test(named('Ruby reads every printed value as the value that it was', 'ruby', hasRuby), async () => {
  if (!hasRuby) return
  const values = sample(jsonValue(), 200)
  const script = 'puts JSON.generate(JSON.parse(STDIN.read).map { |text| eval(text) })'
  const child = execute('ruby', ['-rjson', '-e', script], { maxBuffer: 64 * 1024 * 1024 })
  child.child.stdin?.end(JSON.stringify([hostile, ...values].map((value) => printRuby(value, 0))))
  const { stdout } = await child
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify([hostile, ...values])))
})

test(named('Ruby reads the programs of all targets', 'ruby', hasRuby), async () => {
  if (!hasRuby) return
  const [last = '', ...others] = writePrograms('Ruby', 'rb')
  await expect(folder.run('ruby', last, { args: ['-wc', ...others] })).resolves.toContain('Syntax OK')
})

test(named('PHP reads the programs of all targets', 'php', hasPhp), async () => {
  if (!hasPhp) return
  for (const file of [...writePrograms('PHP', 'php'), ...writePrograms('PHP, HTTP', 'http.php')])
    await expect(folder.run('php', file, { args: ['-l'] })).resolves.toContain('No syntax errors')
})

test(
  named(
    'the C# compiler reads the programs of all targets',
    'C# compiler of dotnet',
    csharpCompiler !== null,
  ),
  { timeout: 120_000 },
  async () => {
    if (csharpCompiler === null) return
    for (const file of [...writePrograms('C#', 'cs'), ...writePrograms('C#, HTTP', 'http.cs')])
      expect([file, await listSyntaxErrors(csharpCompiler, join(folder.path, file))]).toEqual([file, []])
  },
)

test(named('javac reads the Java programs of all targets', 'javac', hasJavac), async () => {
  if (!hasJavac) return
  const files = messagesTargets.flatMap((target) =>
    [true, false].map((stream) =>
      folder.write(
        `Call_${target}_${stream}.java`,
        print('Java', { target, changes: { stream }, betas: [beta] }),
      ),
    ),
  )
  const [last = '', ...others] = files
  const args = ['-encoding', 'UTF-8', '-proc:none', '-XDshould-stop.ifNoError=PARSE', ...others]
  await expect(folder.run('javac', last, { args })).resolves.toBeDefined()
})

test.each([true, false])(
  named(
    'the Java program on the SDK runs, stream %s',
    'folder in ANTHOLOGY_TEST_JAVA',
    javaJars !== undefined,
  ),
  { timeout: 120_000 },
  async (stream) => {
    if (javaJars === undefined) return
    const code = print('Java', { changes: createCall(stream), betas: [beta] })
    const path = ['-cp', `${javaJars}/*:.`]
    const compile = { args: [...path, '-encoding', 'UTF-8'] }
    await folder.run('javac', folder.write('Call.java', code), compile)
    const answer = await folder.run('java', 'Call', { args: path, env: secrets() })
    expect(answer).toContain(stream ? 'messageDelta' : 'stopReason')
  },
)

test(
  named('the Go programs on the SDK run', `anthropic-sdk-go ${goSdk} in the module cache`, hasGoSdk),
  { timeout: 300_000 },
  async () => {
    if (!hasGoSdk) return
    const module = `module call\n\ngo 1.23\n\nrequire github.com/anthropics/anthropic-sdk-go v${goSdk}\n`
    folder.write('go.mod', module)
    for (const stream of [true, false]) {
      const file = folder.write('call.go', print('Go', { changes: { stream }, betas: [beta] }))
      const answer = await folder.run('go', file, { args: ['run'], env: { ...goEnv, ...secrets() } })
      expect(answer).toContain(stream ? 'message_delta' : '"stop_reason"')
    }
  },
)

test('every program of C# and PHP closes its brackets, and streams if the request does', () => {
  for (const target of messagesTargets)
    for (const stream of [true, false])
      for (const language of ['C#', 'PHP'] as const) {
        const plain = { stream, system: 'Be brief.', messages: [{ role: 'user', content: 'Hello' }] }
        const code = print(language, { target, changes: plain, betas: ['a-2025-01-01'] })
        for (const [open, close] of ['()', '[]', '{}'].map((pair) => pair.split('')))
          expect([target, language, code.split(open ?? '').length]).toEqual([
            target,
            language,
            code.split(close ?? '').length,
          ])
        expect(/CreateStreaming|createStream/.test(code)).toBe(stream)
        expect(code).toContain('a-2025-01-01')
      }
})
