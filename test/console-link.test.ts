import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { repository } from './anthology-process.ts'

const cli = join(repository, 'cli/bin/anthology.js')
let folder = ''
let server: ChildProcess | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-console-link-'))
})

afterEach(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

test('a start and anthology console print links that sign in once, at every worker', async () => {
  const { url, console: first } = await serve('--workers', '2')
  const { stdout } = await promisify(execFile)(process.execPath, [
    cli,
    'console',
    '--data',
    folder,
    '--url',
    url,
  ])

  const links = [first ?? '', stdout.trim()]
  const statuses: number[] = []
  for (const link of [...links, ...links]) statuses.push((await signIn(url, link)).status)

  expect(links.every((link) => link.startsWith(`${url}/console/#sign-in=`))).toBe(true)
  expect(statuses).toEqual([200, 200, 401, 401])
})

test('no link is printed where other machines can reach the server', async () => {
  const { console: link } = await serve('--host', '0.0.0.0')

  expect(link).toBe(null)
})

async function serve(...flags: readonly string[]): Promise<{ url: string; console: string | null }> {
  server = spawn(process.execPath, [cli, 'serve', '--json', '--port', '0', '--data', folder, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { stdout } = server
  if (stdout === null) throw new Error('the server has no output')
  let text = ''
  for await (const chunk of stdout) {
    text += String(chunk)
    const line = /^\{"url".*\}$/m.exec(text)?.[0]
    if (line !== undefined) return JSON.parse(line) as { url: string; console: string | null }
  }
  throw new Error(`the server printed ${text}`)
}

function signIn(url: string, link: string): Promise<Response> {
  return fetch(`${url}/console/session`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ token: link.split('#sign-in=')[1] }),
  })
}
