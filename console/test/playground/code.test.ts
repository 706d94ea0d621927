import { execFile } from 'node:child_process'
import { stripTypeScriptTypes } from 'node:module'
import { promisify } from 'node:util'

import { models } from '@anthology/catalog'
import { jsonValue, sample } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCodeRequest } from '../../src/pages/playground/code/code-request.ts'
import type { Target } from '../../src/pages/playground/code/code-request.ts'
import { printPython } from '../../src/pages/playground/code/literals.ts'
import { languages, printCode } from '../../src/pages/playground/code/print-code.ts'
import type { Language } from '../../src/pages/playground/code/print-code.ts'
import { startConsoleServer } from '../console-server.ts'
import type { ConsoleServer } from '../console-server.ts'
import { createProgramFolder, hasProgram } from '../programs.ts'
import type { ProgramFolder } from '../programs.ts'

const execute = promisify(execFile)
/** A machine without Python is told in the name of the test. */
const named = (name: string): string => (hasPython ? name : `${name} (not run: no python3 on the PATH)`)
const hasPython = await hasProgram('python3', '--version')

const hostile = 'Say "hi"\n`#{1}` $HOME ${x} \\u0041 """ \'\'\' \u2028 €😀\nJSON\nJSON;'
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
const targets: readonly Target[] = ['gateway', 'claude', 'bedrock', 'vertex', 'foundry']

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
  const request = createCodeRequest({
    target,
    model,
    body: { ...body, ...changes },
    betas,
    gatewayUrl: server.url,
  })
  if (request === null) throw new Error(`${target} does not offer the model`)
  return printCode(language, request)
}

function run(file: string, program: string, text: string): Promise<string> {
  return folder.run(program, folder.write(file, text), { env: { ANTHOLOGY_KEY: server.key } })
}

test.each([false, true])(
  'the curl and TypeScript programs run against the gateway, stream %s',
  async (stream) => {
    const changes = { stream, thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2048 }
    const printed = { changes, betas: ['interleaved-thinking-2025-05-14'] }
    const answers = [
      await run('call.sh', 'bash', print('curl', printed)),
      await run('call.mjs', process.execPath, print('TypeScript', printed)),
    ]
    for (const answer of answers) expect(answer).toContain(stream ? 'message_delta' : '"stop_reason"')
  },
)

test('no program contains a key, and each names the model as its target does', () => {
  const names = {
    gateway: 'claude-sonnet-4-5-20250929',
    claude: 'claude-sonnet-4-5-20250929',
    bedrock: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    vertex: 'claude-sonnet-4-5@20250929',
    foundry: 'claude-sonnet-4-5',
  }
  for (const language of languages)
    for (const target of targets) {
      const code = print(language, { target })
      const isNamed = code.includes(names[target]) || code.includes(encodeURIComponent(names[target]))
      expect([language, target, isNamed, code.includes(server.key)]).toEqual([language, target, true, false])
    }
})

test('the TypeScript programs of all targets are valid', () => {
  for (const target of targets)
    expect(() => stripTypeScriptTypes(print('TypeScript', { target }))).not.toThrow()
})

test('the bodies of Go, Java, C# and PHP are the JSON of the request', () => {
  const unescapeJava = (text: string) => text.replaceAll('\\\\', '\\')
  const bodies = [
    /`([^]*)`\n/.exec(print('Go'))?.[1] ?? '',
    unescapeJava(/"""\n([^]*)\n"""/.exec(print('Java'))?.[1] ?? ''),
    /"""\n([^]*)\n"""/.exec(print('C#'))?.[1] ?? '',
    /<<<'JSON'\n([^]*)\nJSON;/.exec(print('PHP'))?.[1] ?? '',
  ]
  for (const text of bodies) expect(JSON.parse(text)).toEqual(body)
})

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
        print('Python', { target, changes: { stream }, betas: ['a-2025-01-01'] }),
      ),
    ),
  )
  const [last = '', ...others] = files
  await expect(folder.run('python3', last, { args: ['-m', 'py_compile', ...others] })).resolves.toBeDefined()
})
