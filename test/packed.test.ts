import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
}, 120_000)

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
}, 60_000)

test('the guide leads from an empty folder to a passing test, with the tarballs', () => {
  const page = readFileSync(join(repository, 'docs/test-offline.md'), 'utf8')
  const install = /```sh\n(npm init[^]*?)```/.exec(page)?.[1] ?? ''
  const program = /`app\.test\.mjs`:\n\n```js\n([^]*?)```/.exec(page)?.[1] ?? ''
  const [runTests = ''] = /^node --test$/m.exec(page) ?? []
  const empty = mkdtempSync(join(tmpdir(), 'anthology-guide-'))
  writeFileSync(join(empty, 'app.test.mjs'), program)
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

  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/pass 3\b/)
}, 120_000)

test('provides TypeScript types for every library', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { models, computePrice, type Price } from '@anthology/catalog'
     import { createEmulator } from '@anthology/emulator'
     import { createGateway, type Gateway } from '@anthology/gateway'
     import { createSseDecoder } from '@anthology/wire'
     const [model] = models
     if (model === undefined) throw new Error('no models')
     const price: Price = computePrice({ input_tokens: 1, output_tokens: 1 }, model)
     const upstream = createEmulator({})
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
