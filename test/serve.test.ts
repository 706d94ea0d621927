import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suggestModel } from '@anthology/catalog'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { repository, startServer } from './anthology-process.ts'

let folder = ''
const started: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-serve-'))
})

afterEach(async () => {
  for (const child of started.splice(0)) await stop(child, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('npm start prints a URL, a key and a curl line that works when pasted', async () => {
  const server = run([join(repository, 'scripts/run.mjs'), 'start', '--port', '0', '--data', folder])
  const greeting = await untilPrinted(server, /^curl .*$/m)
  const [url, key] = [
    /http:\/\/127\.0\.0\.1:\d+/.exec(greeting)?.[0],
    /sk-anthology-[\w-]{43}/.exec(greeting)?.[0],
  ]
  const curl = splitShell(/^curl .*$/m.exec(greeting)?.[0] ?? '')

  const answer = await fetchLike(curl)

  expect(curl[1]).toBe(`${url}/v1/messages`)
  expect(readFileSync(join(folder, 'local-key'), 'utf8').trim()).toBe(key)
  expect(statSync(join(folder, 'local-key')).mode & 0o777).toBe(0o600)
  expect(answer).toMatchObject({
    type: 'message',
    model: suggestModel()?.id,
    stop_reason: 'end_turn',
  })
})

test('the server exits when the script that started it is killed', async () => {
  const script = run([join(repository, 'scripts/run.mjs'), 'start', '--port', '0', '--data', folder])
  const greeting = await untilPrinted(script, /^curl .*$/m)
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(greeting)?.[0] ?? ''

  await stop(script, 'SIGKILL')

  await expect.poll(() => fetch(`${url}/healthz`).catch(() => 'gone')).toBe('gone')
})

test('the server exits with code 0 on a signal', async () => {
  const server = await startServer(folder)

  const code = await server.kill('SIGTERM')

  expect(code).toBe(0)
})

test('the local key survives restarts and is not printed when others can reach the server', async () => {
  const first = await startServer(folder)
  await first.kill('SIGTERM')
  const second = await startServer(folder)
  await second.kill('SIGTERM')

  const open = run([cli, 'serve', '--port', '0', '--host', '0.0.0.0', '--data', folder])
  const greeting = await untilPrinted(open, /^curl .*$/m)

  expect(second.key).toBe(first.key)
  expect(greeting).not.toContain(first.key)
  expect(greeting).toContain('keys create')
})

test('ANTHOLOGY_KEY is a first key', async () => {
  const server = run([cli, 'serve', '--json', '--port', '0', '--data', folder], {
    ANTHOLOGY_KEY: 'a-key-of-my-own',
  })
  const { url } = JSON.parse(await untilPrinted(server, /^\{.*\}$/m)) as { url: string } // What `serve --json` prints.

  const statuses = await Promise.all(
    ['a-key-of-my-own', 'another-key'].map(
      async (key) => (await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } })).status,
    ),
  )

  expect(statuses).toEqual([200, 401])
})

test('a provider key in the environment is reported and not used', async () => {
  const secret = 'sk-ant-api03-only-for-this-test'
  const server = run([cli, 'serve', '--port', '0', '--data', folder], { ANTHROPIC_API_KEY: secret })

  const greeting = await untilPrinted(server, /^curl .*$/m)

  expect(greeting).toContain('ANTHROPIC_API_KEY is set and not used')
  expect(greeting).toContain('the offline emulator')
  expect(greeting).not.toContain(secret)
})

test('what is probably a mistake is a warning with its place, and an error with --strict', async () => {
  const mistakes = `rates: { keys: { nokey: { requests_per_minute: 1 } } }
upstreams:
  - platform: emulator
  - { name: cloud, platform: bedrock, region: us-esat-1 }
`
  writeFileSync(join(folder, 'anthology.yaml'), mistakes)

  const lenient = run([cli, 'serve', '--port', '0'])
  const greeting = await untilPrinted(lenient, /^curl .*$/m)
  await stop(lenient, 'SIGTERM')
  const rates = 'rates: { keys: { nokey: { requests_per_minute: 1 } } }\n'
  const places = await fail(['serve', '--port', '0', '--strict'])
  writeFileSync(join(folder, 'anthology.yaml'), rates)
  const strict = await fail(['serve', '--port', '0', '--strict'])

  expect(greeting).toContain('Warning: rates.keys.nokey limits nobody')
  const region = "anthology.yaml:4:47: upstreams.1.region: 'us-esat-1' is not a known region of AWS"
  expect(greeting).toContain(`Warning: ${region}. Did you mean us-east-1?`)
  expect([places.code, places.text.includes(region)]).toEqual([2, true])
  expect(greeting).toContain('upstreams emulator, cloud; calls cost money')
  expect(strict.code).toBe(2)
  expect(strict.text).toContain('rates.keys.nokey limits nobody')
  expect(strict.text).toContain('keys create --name nokey')
})

test.each([[[]], [['--workers', '2']]])(
  'an address that is not of this machine is wrong use, with %j',
  async (workers) => {
    const { code, text } = await fail(['serve', '--port', '0', '--host', '203.0.113.1', ...workers])

    expect(code).toBe(2)
    expect(text).toContain('203.0.113.1 is not an address of this machine')
    expect(text).not.toContain('EADDRNOTAVAIL')
  },
)

test('a second server on the same data folder fails with a hint', async () => {
  const server = await startServer(folder)

  const second = await fail(['serve', '--port', '0', '--data', folder])

  expect(second.code).toBe(1)
  expect(second.text).toContain('another Anthology serves the data folder')
  expect(second.text).toContain('--data DIR')
  await server.kill('SIGTERM')
})

test('a port in use is reported with a hint', async () => {
  const server = await startServer(folder)
  const port = new URL(server.url).port
  const other = mkdtempSync(join(tmpdir(), 'anthology-serve-'))

  const second = await fail(['serve', '--port', port, '--data', other])

  expect(second).toMatchObject({ code: 1 })
  expect(second.text).toContain(`port ${port} on 127.0.0.1 is in use`)
  expect(second.text).toContain('--port')
  await server.kill('SIGTERM')
  rmSync(other, { recursive: true })
})

test.each([
  [
    'an unknown member',
    'port: 0\nupstreams:\n  - platform: anthropic\n    base_ulr: https://x\n',
    "anthology.yaml:4:5: unknown member 'base_ulr' in upstreams.0",
  ],
  [
    'an unset variable',
    'upstreams:\n  - platform: anthropic\n    api_key: ${NOT_SET_ANYWHERE}\n',
    'anthology.yaml:3:14: the environment variable NOT_SET_ANYWHERE is not set',
  ],
  ['broken YAML', 'port: [1\n', 'anthology.yaml:2:1'],
])('a configuration with %s is rejected with line and column', async (_, text, message) => {
  writeFileSync(join(folder, 'anthology.yaml'), text)

  const result = await fail(['serve', '--port', '0'])

  expect(result.code).toBe(1)
  expect(result.text).toContain(message)
})

test.each([
  [['serve', '--prot', '1'], '--port'],
  [['serve', '--port', '99999'], '65535'],
  [['sreve'], 'serve'],
  [['keys'], 'Use create, list, update, rotate, revoke or limits.'],
  [['usage', '--by', 'weather'], 'model, key, workspace'],
  [['usage', '--since', 'yesterday'], '2026-'],
])('wrong usage %j exits with code 2 and lists the valid choices', async (args, says) => {
  const result = await fail([...args, ...(args.length > 1 ? ['--data', folder] : [])])

  expect(result.code).toBe(2)
  expect(result.text).toContain(says)
})

const cli = join(repository, 'cli/bin/anthology.js')

function run(argv: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ANTH')))
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  return child
}

/** Everything printed so far, once it matches the pattern. */
function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (pattern.test(text)) resolve(text)
    })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)))
  })
}

async function fail(args: readonly string[]): Promise<{ code: number; text: string }> {
  const child = run([cli, ...args])
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = await once(child, 'close')
  return { code: Number(code), text }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Words of a POSIX shell line; supports only single quotes. */
function splitShell(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

/** Does what curl does with `-H` and `-d`. */
async function fetchLike([, url = '', ...flags]: readonly string[]): Promise<unknown> {
  const values = (flag: string) => flags.filter((_, index) => flags[index - 1] === flag)
  const headers = values('-H').map((header): [string, string] => {
    const [name = '', value = ''] = header.split(': ')
    return [name, value]
  })
  const response = await fetch(url, { method: 'POST', headers, body: values('-d')[0] ?? null })
  return response.json()
}
