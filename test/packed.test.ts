import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'

import Anthropic from './clients/node_modules/@anthropic-ai/sdk/index.mjs'
import { repository } from './anthology-process.ts'

const dist = join(repository, 'dist')
const folder = mkdtempSync(join(tmpdir(), 'anthology-packed-'))
const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`

beforeAll(() => {
  execFileSync(process.execPath, [join(repository, 'scripts/pack.ts')])
  const tarballs = readdirSync(dist).filter((file) => file.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  npm(['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.map((file) => join(dist, file))])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('serves an official SDK from the packed tarballs in an otherwise empty folder', async () => {
  const [file, first] = npmCommand()
  const args = [...first, 'exec', '--no', '--', 'anthology', 'serve', '--port', '0', '--json']
  const server = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const [line] = await once(createInterface(server.stdout), 'line')
  const { url, key } = JSON.parse(String(line)) as { url: string; key: string } // What `serve --json` prints.

  const client = new Anthropic({ baseURL: url, apiKey: key })
  const message = await client.messages
    .stream({
      model: 'claude-opus-4-1',
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Hello, Claude' }],
    })
    .finalMessage()

  expect(message.model).toBe('claude-opus-4-1-20250805')
  expect(message.usage.output_tokens).toBeGreaterThan(0)
  // The whole group: npm, its shell and the server.
  if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM')
  await once(server, 'exit')
})

const older = findOlderNode()

test(
  older === null
    ? 'the emulator was not run in process on Node 20: no Node 20 to 23 is on the PATH'
    : `the emulator runs in process on Node ${older.version}`,
  () => {
    writeFileSync(join(folder, 'older.mjs'), everyKindOfCall)

    const { status, stdout, stderr } = spawnSync(older?.file ?? process.execPath, ['older.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const answers = JSON.parse(stdout) as Record<string, number> // What the script prints.
    expect(Object.entries(answers).filter(([, answered]) => answered !== 200)).toEqual([])
    expect(Object.keys(answers).length).toBeGreaterThan(10)
  },
  60_000,
)

test('the guide leads from an empty folder to passing tests, with the tarballs', () => {
  const page = readFileSync(join(repository, 'docs/test-offline.md'), 'utf8')
  const install = /```sh\n(npm init[^]*?)```/.exec(page)?.[1] ?? ''
  const programs = [...page.matchAll(/`(\w+\.test\.mjs)`:\n\n```js\n([^]*?)```/g)]
  const [runTests = ''] = /^node --test$/m.exec(page) ?? []
  const empty = mkdtempSync(join(tmpdir(), 'anthology-guide-'))
  for (const [, name = '', program = ''] of programs) writeFileSync(join(empty, name), program)
  const sdk = join(repository, 'test/clients/node_modules/@anthropic-ai/sdk/package.json')
  const { version } = JSON.parse(readFileSync(sdk, 'utf8')) as { version: string } // Every manifest has one.
  // The version of the lockfile, which the machine has in its cache.
  const pinned = install.replace('@anthropic-ai/sdk', `@anthropic-ai/sdk@${version}`)

  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', `${pinned}\n${runTests}`], {
    cwd: empty,
    env: { ...process.env, PATH: path, ANTHOLOGY: repository, npm_config_prefer_offline: 'true' },
    encoding: 'utf8',
  })
  rmSync(empty, { recursive: true, force: true })

  expect(programs.map(([, name]) => name)).toEqual(['app.test.mjs', 'scenario.test.mjs'])
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/pass 6\b/)
}, 120_000)

test('the helper for vitest and the schema of scenarios are in the package, and vitest is an optional peer', () => {
  const installed = join(folder, 'node_modules/@anthology/emulator')
  const manifest: unknown = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const schema = readFileSync(join(installed, 'scenario.schema.json'), 'utf8')
  const helper = join(folder, 'helper.test.mjs')
  writeFileSync(helper, vitestWithHelper)
  const vitest = join(repository, 'node_modules/vitest')
  const link = join(folder, 'node_modules/vitest')
  symlinkSync(vitest, link, 'junction')

  const { status, stdout, stderr } = spawnSync(process.execPath, [join(vitest, 'vitest.mjs'), 'run'], {
    cwd: folder,
    env: withoutRunner(),
    encoding: 'utf8',
  })
  unlinkSync(link)

  expect(manifest).toMatchObject({
    peerDependencies: { vitest: expect.any(String) },
    peerDependenciesMeta: { vitest: { optional: true } },
    exports: { './scenario.schema.json': './scenario.schema.json' },
  })
  expect(schema).toBe(readFileSync(join(repository, 'emulator/scenario.schema.json'), 'utf8'))
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/Tests.*1 passed/)
})

test('provides TypeScript types for every library', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { models, computePrice, type Price } from '@anthology/catalog'
     import { createEmulator, type RequestFilter, type Scenario } from '@anthology/emulator'
     import { useEmulator, type TestEmulator } from '@anthology/emulator/node-test'
     import { useEmulator as useInVitest } from '@anthology/emulator/vitest'
     import { createGateway, type Gateway } from '@anthology/gateway'
     import { createSseDecoder } from '@anthology/wire'
     const [model] = models
     if (model === undefined) throw new Error('no models')
     const price: Price = computePrice({ input_tokens: 1, output_tokens: 1 }, model)
     const scenario: Scenario = { version: 1, rules: [{ when: { last_user: 'x' }, reply: { text: 'y' } }] }
     const upstream = createEmulator({ scenario })
     const filter: RequestFilter = { model: 'claude-opus-4-1', lastUser: { regex: 'x' } }
     upstream.expectRequests(filter, { max: 1 })
     // @ts-expect-error a filter has no such condition
     upstream.findRequests({ modle: 'x' })
     export const emulators: readonly TestEmulator[] = [useEmulator({ listen: false }), useInVitest({ verify: 'each' })]
     export const gateway: Promise<Gateway> = createGateway({ dataFolder: 'x', accounts: [{ name: 'e', platform: 'anthropic', secrets: [], upstream }] })
     export const total: bigint = price.ok ? price.totalNanoUsd : 0n
     // @ts-expect-error a decoder without its limits is rejected, so the types are not 'any'
     createSseDecoder()
    `,
  )
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const flags = [
    '--noEmit',
    '--strict',
    '--target',
    'es2024',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--skipLibCheck',
    'false',
  ]
  const roots = ['--typeRoots', join(repository, 'node_modules/@types')]

  const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, ...roots, 'use.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })

  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

/** A test that uses the packed helper. */
const vitestWithHelper = `
import { useEmulator } from '@anthology/emulator/vitest'
import { expect, test } from 'vitest'

const emulator = useEmulator({ scenario: { version: 1, rules: [{ reply: { text: 'Hi.' } }] } })

test('asks the emulator', async () => {
  const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] })
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const response = await fetch(emulator.url + '/v1/messages', { method: 'POST', headers, body })
  const { content } = await response.json()
  expect(content[0].text).toBe('Hi.')
})
`

/** Vitest inside vitest would take itself for a part of the outer one. */
function withoutRunner(): Record<string, string | undefined> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.filter(([name]) => !/^(?:VITEST|TEST$|NODE_OPTIONS)/.test(name)))
}

/** Prints the status of a call of each kind; over a port, of one call. */
const everyKindOfCall = `
import { createEmulator, listenEmulator } from '@anthology/emulator'

const emulator = createEmulator({ asOf: '2026-11-22' })
const messages = [{ role: 'user', content: 'Create a box with height 20, width 30 and the name "Ann". Search the web for tides.' }]
const plain = { model: 'claude-haiku-4-5', max_tokens: 3000, messages }
const schema = {
  type: 'object',
  properties: { height: { type: 'number' }, name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['height', 'name'],
  additionalProperties: false,
}
const tools = [{ name: 'create_box', description: 'Creates a box.', input_schema: schema }]
const cloud = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 3000, messages, tools }
const model = '/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0'
const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-haiku-4-5@20251001'
const converse = { messages: [{ role: 'user', content: [{ text: messages[0].content }] }] }
const calls = {
  plain: ['/v1/messages', plain],
  tools: ['/v1/messages', { ...plain, tools }],
  stream: ['/v1/messages', { ...plain, tools, stream: true }],
  thinking: ['/v1/messages', { ...plain, thinking: { type: 'enabled', budget_tokens: 1024 } }],
  caching: ['/v1/messages', { ...plain, system: [{ type: 'text', text: 'a '.repeat(9000), cache_control: { type: 'ephemeral' } }] }],
  search: ['/v1/messages', { ...plain, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  format: ['/v1/messages', { ...plain, output_config: { format: { type: 'json_schema', schema } } }],
  count: ['/v1/messages/count_tokens', { model: plain.model, messages, tools }],
  batch: ['/v1/messages/batches', { requests: [{ custom_id: 'a', params: plain }] }],
  batches: ['/v1/messages/batches'],
  models: ['/v1/models'],
  openai: ['/v1/chat/completions', { ...plain, tools: [{ type: 'function', function: { name: 'f', parameters: schema } }] }],
  invoke: [model + '/invoke', cloud],
  invokeStream: [model + '/invoke-with-response-stream', cloud],
  converse: [model + '/converse', converse],
  converseStream: [model + '/converse-stream', converse],
  vertex: [vertex + ':rawPredict', { ...cloud, anthropic_version: 'vertex-2023-10-16' }],
  profiles: ['/inference-profiles'],
}
const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
const send = async (fetch, origin, [path, body]) => {
  const response = await fetch(origin + path, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (response.status !== 200) console.error(path, text)
  return response.status
}
const statuses = {}
for (const [name, call] of Object.entries(calls)) statuses[name] = await send(emulator.fetch, 'http://emulator', call)
const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
statuses.port = await send(fetch, server.url, calls.tools)
await server.close()
console.log(JSON.stringify(statuses))
`

/** The first Node on the PATH that is older than the one of the tests and that the libraries support. */
function findOlderNode(): { readonly file: string; readonly version: string } | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(directory, 'node')
    if (!existsSync(file)) continue
    const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim()
    const major = Number(/^v(\d+)\./.exec(version)?.[1])
    if (major >= 20 && major < 24) return { file, version }
  }
  return null
}

function npm(args: readonly string[]): void {
  const [file, first] = npmCommand()
  execFileSync(file, [...first, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** The npm that runs the tests, or the one on the path. */
function npmCommand(): [string, string[]] {
  const script = process.env['npm_execpath']
  return script?.endsWith('.js') === true ? [process.execPath, [script]] : ['npm', []]
}
