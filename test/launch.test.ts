import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, expect, onTestFinished, test } from 'vitest'

import { repository } from './anthology-process.ts'

const binary = join(repository, 'cli/bin/anthology.js')
const script = join(repository, 'scripts/run.mjs')
const started: ChildProcess[] = []

afterEach(() => {
  // A process group, in which a server may be left after a failed test.
  for (const { pid } of started.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // All of it has exited.
    }
  }
})

const startServer = ['start', '--port', '0', '--host', '127.0.0.1']

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'npm start passes %s on to the server, and ends with its code',
  async (signal) => {
    const launcher = run(process.execPath, [script, ...startServer, '--data', temporaryFolder()])
    const url = await readUrl(launcher)

    launcher.kill(signal)

    expect(await readExit(launcher)).toEqual([0, null])
    expect(await isGone(url)).toBe(true)
  },
)

test('a stop that arrives twice at once, from a terminal and from a launcher, is one stop', async () => {
  const server = run(process.execPath, [binary, 'emulate', '--port', '0'])
  await readUrl(server)

  server.kill('SIGINT')
  // The second one arrives while the server would be ending.
  await sleep(5)
  server.kill('SIGTERM')

  expect(await readExit(server)).toEqual([0, null])
})

test('a launcher ends with the signal that ended its program', async () => {
  const launch = JSON.stringify(new URL('../cli/bin/launch.js', import.meta.url).href)
  const code = `
    import { endLike, launch } from ${launch}
    endLike(await launch(process.execPath, ['--eval', 'process.kill(process.pid, process.argv[1])', process.argv[1]], {}))`

  const killed = run(process.execPath, ['--input-type=module', '--eval', code, 'SIGKILL'])
  const ended = run(process.execPath, [
    '--input-type=module',
    '--eval',
    code.replace('process.kill(process.pid, process.argv[1])', 'process.exit(7)'),
    'x',
  ])

  expect(await readExit(killed)).toEqual([null, 'SIGKILL'])
  expect(await readExit(ended)).toEqual([7, null])
})

test.each([
  ['npm start', ['start', '--', ...startServer.slice(1)], 'SIGTERM'],
  ['npm start', ['start', '--', ...startServer.slice(1)], 'SIGKILL'],
  ['npm exec', ['exec', '--no', '--', 'anthology', 'emulate', '--port', '0'], 'SIGTERM'],
  ['npm exec', ['exec', '--no', '--', 'anthology', 'emulate', '--port', '0'], 'SIGKILL'],
] as const)('the server of %s %j ends when npm is ended by %s', async (_, args, signal) => {
  const [file, first] = npmCommand()
  const npm = run(file, [...first, ...args], { ANTHOLOGY_DATA: temporaryFolder() })
  const url = await readUrl(npm)

  npm.kill(signal)

  await expect.poll(() => isGone(url)).toBe(true)
})

test('a server survives the shell that started it in the background, without npm', async () => {
  const child = run('sh', ['-c', `"$0" "$@" & echo $!`, process.execPath, binary, 'emulate', '--port', '0'])
  const url = await readUrl(child)
  await readExit(child)

  expect(await isGone(url)).toBe(false)
})

test('the recipe for CI in the guide runs, and leaves no server', async () => {
  const page = readFileSync(join(repository, 'docs/test-offline.md'), 'utf8')
  const recipe = /```sh\n(node_modules\/\.bin\/anthology emulate[^]*?)```/.exec(page)?.[1] ?? ''
  const port = await freePort()
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'one.test.mjs'),
    `import { test } from 'node:test'
     test('answers', async () => {
       const response = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/models', { headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' } })
       if (!response.ok) throw new Error(String(response.status))
     })`,
  )

  const shell = run('sh', [
    '-e',
    '-c',
    recipe.replaceAll('7272', String(port)).replace('node --test', `node --test ${folder}/*.mjs`),
  ])

  expect(await readExit(shell)).toEqual([0, null])
  await expect.poll(() => isGone(`http://127.0.0.1:${port}`)).toBe(true)
})

/** Runs a program in a process group of its own, which a terminal would signal as a whole. */
function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:ANTHROPIC|ANTHOLOGY|npm)_/.test(name),
  )
  const path = `${join(process.execPath, '..')}:${process.env['PATH']}`
  const child = spawn(file, args, {
    cwd: repository,
    env: { ...Object.fromEntries(inherited), PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  started.push(child)
  return child
}

/** The URL in the greeting. The output stays open, because a server ends when nobody can read it. */
function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (part: Buffer) => (text += part.toString()))
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString()
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    child.stdout?.on('end', () => reject(new Error(`it printed no URL: ${text}`)))
  })
}

async function readExit(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return [child.exitCode, child.signalCode]
}

function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/api/hello`, { method: 'HEAD' }).then(
    () => false,
    () => true,
  )
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-launch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

/** The npm that runs the tests, or the one on the path. */
function npmCommand(): [string, string[]] {
  const own = process.env['npm_execpath']
  return own?.endsWith('.js') === true ? [process.execPath, [own]] : ['npm', []]
}
