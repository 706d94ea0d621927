import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { repository, startServer } from './anthology-process.ts'

const scenario = `version: 1
rules:
  - name: greet & <wave>
    when: { last_user: Hello }
    reply: { text: Good day. }
  - when: { last_user: twice }
    times: 2
    reply: { text: Yes. }
`

test('a scenario that was used as written ends with exit code 0', async () => {
  const { url, stop } = await emulate(['--scenario', 'scenario.yaml', '--verify', '--junit', 'out.xml'])
  for (const text of ['Hello', 'twice', 'twice']) await ask(url, text)

  const { code, lines, junit } = await stop()

  expect(code).toBe(0)
  expect(lines).toEqual(['{"unused":[],"unmatched":[]}'])
  expect(junit).toContain('<testsuites tests="2" failures="0">')
  expect(junit).toContain('name="rule 1 &quot;greet &amp; &lt;wave&gt;&quot;"/>')
})

test('unused rules and unmatched calls end with exit code 1, and are failures in the JUnit file', async () => {
  const { url, stop } = await emulate(['--scenario', 'scenario.yaml', '--verify', '--junit', 'out.xml'])
  await ask(url, 'twice')
  await ask(url, 'Other')

  const { code, lines, junit } = await stop()

  expect(code).toBe(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    unused: [
      { rule: 'rule 1 "greet & <wave>"', used: 0, times: null },
      { rule: 'rule 2', used: 1, times: 2 },
    ],
    unmatched: [{ path: '/v1/messages', message: expect.stringContaining('nearest') }],
  })
  expect(junit).toContain('<testsuites tests="3" failures="3">')
  expect(junit).toContain('<failure message="rule 2 was used 1 of 2 times"/>')
  expect(junit).toMatch(/name="call 1 to \/v1\/messages"><failure message="No rule /)
})

test('without --json the result is a text', async () => {
  const { url, stop } = await emulate(['--scenario', 'scenario.yaml', '--verify'], { json: false })
  await ask(url, 'Hello')

  const { code, lines } = await stop()

  expect(code).toBe(1)
  expect(lines.slice(-2)).toEqual([
    'The scenario: unused rules 1 of 2, unmatched calls 0.',
    '  rule 2 was used 0 of 2 times',
  ])
  expect(lines).toContain('  Scenario   2 rules')
})

test('a reset over the control API hides neither the use of a rule nor an unmatched call', async () => {
  const { url, stop } = await emulate(['--scenario', 'scenario.yaml', '--verify'])
  const reset = () => fetch(`${url}/emulator/v1/reset`, { method: 'POST' })
  await reset()
  await ask(url, 'Hello')
  await reset()
  for (const text of ['twice', 'twice', 'Other']) await ask(url, text)
  await reset()

  const { code, lines } = await stop()

  expect(code).toBe(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ unused: [], unmatched: [{ path: '/v1/messages' }] })
})

test('the gateway has no control API', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-control-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startServer(folder)
  onTestFinished(() => gateway.close())

  for (const path of ['scenario', 'requests', 'verify']) {
    const response = await fetch(`${gateway.url}/emulator/v1/${path}`, {
      headers: { 'x-api-key': gateway.key },
    })
    expect([path, response.status]).toEqual([path, 404])
  }
})

test('without --verify an unused scenario ends with exit code 0', async () => {
  const { stop } = await emulate(['--scenario', 'scenario.yaml'])

  expect(await stop()).toMatchObject({ code: 0, lines: [] })
})

test('the rules of several files are appended, and the control API shows them and the requests', async () => {
  const { url } = await emulate(['--scenario', 'scenario.yaml', '--scenario', 'more.json'])
  await ask(url, 'moon')

  const { rules, unmatched } = await get(`${url}/emulator/v1/scenario`)
  expect({ rules: rules.length, unmatched }).toEqual({ rules: 3, unmatched: 'refuse' })
  expect(await get(`${url}/emulator/v1/requests?rule=rule+3`)).toMatchObject({ total: 1 })
})

test('an emulator without a scenario keeps requests from the first call of the control API', async () => {
  const { url } = await emulate([])
  await ask(url, 'Before')
  await fetch(`${url}/emulator/v1/reset`, { method: 'POST' })
  await ask(url, 'After')

  expect(await get(`${url}/emulator/v1/requests`)).toMatchObject({ total: 1 })
})

test('--no-control leaves the control API out', async () => {
  const { url } = await emulate(['--no-control'])

  expect((await fetch(`${url}/emulator/v1/scenario`)).status).toBe(404)
})

const page = readFileSync(join(repository, 'docs/test-offline.md'), 'utf8')
const hasPytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0

test(
  hasPytest ? 'the recipe for pytest runs' : 'the recipe for pytest was not run: python3 has no pytest',
  () => {
    expect(page).toContain('conftest.py')
    if (!hasPytest) return
    const folder = createGuideFolder(['scenario.yaml', 'conftest.py', 'test_app.py'])

    const { status, stdout } = spawnSync('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], {
      cwd: folder,
      env: { ...process.env, PATH: withFakeNpx(folder), PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
    })

    expect(status, stdout).toBe(0)
    expect(stdout).toMatch(/1 passed/)
  },
)

test.each([
  ['every rule was used', ['weather', 'echo Hi', 'result'], 0],
  ['a rule was not used', ['weather', 'result'], 1],
] as const)(
  'the recipe for GitHub Actions ends with the exit code of a scenario of which %s',
  async (_, texts, expected) => {
    const folder = createGuideFolder(['scenario.yaml', '.github/workflows/test.yml'])
    const recipe = /run: \|\n((?: {10}.*\n)+)/.exec(page)?.[1] ?? ''
    writeFileSync(join(folder, 'calls.mjs'), createCalls(texts))
    const port = String(await findFreePort())

    const { status, stderr } = spawnSync(
      'sh',
      ['-e', '-c', recipe.replaceAll('7272', port).replace('npm test', `'${process.execPath}' calls.mjs`)],
      { cwd: folder, env: { ...process.env, PATH: withFakeNpx(folder) }, encoding: 'utf8' },
    )

    expect(status, stderr).toBe(expected)
    expect(readFileSync(join(folder, 'emulator.xml'), 'utf8')).toContain(`failures="${expected}"`)
  },
)

test('a conversation that the guide records is replayed by the guide without its upstream', async () => {
  const folder = createGuideFolder(['chat.mjs', 'record.sh', 'replay.sh'])
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(
    join(repository, 'test/clients/node_modules/@anthropic-ai'),
    join(folder, 'node_modules/@anthropic-ai'),
  )
  const upstream = await listenEmulator(
    createEmulator({ scenario: { version: 1, rules: [{ reply: { text: 'From the upstream.' } }] } }),
    { port: 0, host: '127.0.0.1' },
  )
  const recorded = await runScript(folder, 'record.sh', { UPSTREAM: upstream.url })
  await upstream.close()

  const replayed = await runScript(folder, 'replay.sh', {})

  const texts = ['From the upstream.', 'From the upstream.']
  expect(recorded, recorded.errors).toMatchObject({ code: 0, texts })
  expect(replayed, replayed.errors).toMatchObject({ code: 0, texts })
})

/** Runs a script of the guide on a free port, and returns the texts of the answers. */
async function runScript(folder: string, name: string, env: Readonly<Record<string, string>>) {
  const port = String(await findFreePort())
  const script = readFileSync(join(folder, name), 'utf8').replaceAll('7273', port)
  const { CI: _ci, ...inherited } = process.env
  const child = spawn('sh', ['-c', script], {
    cwd: folder,
    env: { ...inherited, ANTHROPIC_API_KEY: 'any', ...env, PATH: withFakeNpx(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (part: Buffer) => (output += part.toString()))
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, errors, texts: [...output.matchAll(/^answer: (.*)$/gm)].map(([, text]) => text) }
}

/** Writes files of the guide, each of which follows its name in backticks, into a folder. */
function createGuideFolder(names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of names) {
    const start = page.indexOf(`\`${name}\`:\n\n\`\`\``)
    const [, text] = /```\w+\n([^]*?)^```/m.exec(page.slice(start)) ?? []
    if (start === -1 || text === undefined) throw new Error(`the guide has no ${name}`)
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** An npx and a `node_modules/.bin/anthology` that start the binary of the repository. */
function withFakeNpx(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const binary = join(repository, 'cli/bin/anthology.js')
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1 $2" = '--no anthology' ] || exit 99\nshift 2\nexec '${process.execPath}' '${binary}' "$@"\n`,
    { mode: 0o755 },
  )
  const installed = join(folder, 'node_modules/.bin/anthology')
  mkdirSync(join(installed, '..'), { recursive: true })
  if (!existsSync(installed)) symlinkSync(binary, installed)
  return [bin, join(process.execPath, '..'), process.env['PATH']].join(delimiter)
}

/** A program that sends calls for the rules of the guide's scenario. */
function createCalls(texts: readonly string[]): string {
  return `
    const url = process.env.ANTHROPIC_BASE_URL + '/v1/messages'
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
    const tools = [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }]
    const id = 'toolu_01A09q90qw90lq917835lq9'
    const result = [
      { role: 'user', content: 'How is it?' },
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'get_weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'sunny' }] },
    ]
    for (const text of ${JSON.stringify(texts)}) {
      const messages = text === 'result' ? result : [{ role: 'user', content: text }]
      const body = JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 99, tools, messages })
      const response = await fetch(url, { method: 'POST', headers, body })
      if (!response.ok) throw new Error(await response.text())
      const [block] = (await response.json()).content
      console.log('answer: ' + block.text)
    }`
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on TCP.
  server.close()
  await once(server, 'close')
  return port
}

/** Starts `anthology emulate` in a folder with two scenarios, until the end of the test. */
async function emulate(args: readonly string[], { json = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-scenario-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'scenario.yaml'), scenario)
  writeFileSync(
    join(folder, 'more.json'),
    '{"version":1,"unmatched":"refuse","rules":[{"when":{"last_user":"moon"},"reply":{"text":"Full."}}]}',
  )
  const command = [join(repository, 'cli/bin/anthology.js'), 'emulate', '--port', '0', ...args]
  const child = spawn(process.execPath, json ? [...command, '--json'] : command, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const output = createInterface({ input: child.stdout })
  output.on('line', (line) => lines.push(line))
  const exited = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await once(output, 'line')
  const [first = ''] = lines.splice(0, 1)
  return {
    url: /http:\/\/127\.0\.0\.1:\d+/.exec(first)?.[0] ?? '',
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      const junit = args.includes('--junit') ? readFileSync(join(folder, 'out.xml'), 'utf8') : ''
      return { code, lines, junit }
    },
  }
}

async function ask(url: string, text: string): Promise<void> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: text }],
    }),
  })
  await response.arrayBuffer()
}

async function get(
  url: string,
): Promise<{ readonly rules: readonly unknown[]; readonly unmatched: unknown }> {
  const response = await fetch(url)
  return (await response.json()) as { rules: unknown[]; unmatched: unknown } // The callers check the members they use.
}
