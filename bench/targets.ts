import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Child, findFreePort, startChild } from './child.ts'

/** A server under load. */
export interface Target {
  readonly name: TargetName
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly child: Child
}

/** Every server that a run can start, in the order of the report, and what a reader must know of it. */
export const targetNotes = {
  stub: 'the upstream itself: canned answers from memory over a bare socket',
  floor: 'a bare passthrough: `node:http` in, `undici.dispatch` out, nothing else',
  anthology: '`anthology serve` as users start it: keys, preflight, ledger and call log on',
  portkey:
    '`@portkey-ai/gateway` as its users start it, pointed at the stub by its custom-host header; with `@hono/node-server` 1.13.8, because with the one that an install brings today it answers every stream with an error',
  nginx: 'nginx with one worker, kept-alive connections to the stub and no access log',
  emulator: '`anthology emulate`: an answer of its own, every rule checked',
  aimock: '`@copilotkit/aimock` with one fixture that matches everything, its log off',
} as const

export type TargetName = keyof typeof targetNotes

export const targetNames = Object.keys(targetNotes) as TargetName[] // The keys of a literal are its type's.

/** The proxies between a client and the stub. */
export const gatewayNames = ['floor', 'anthology', 'portkey', 'nginx'] as const satisfies TargetName[]

/** What answers by itself. */
export const standInNames = ['emulator', 'aimock'] as const satisfies TargetName[]

export interface Site {
  /** For data folders, configurations and logs. */
  readonly folder: string
  /** Where the stub listens; empty while it does not. */
  readonly stubUrl: string
  /** Of Anthology; null leaves their number to it. */
  readonly workers: number | null
}

export function startTarget(name: TargetName, site: Site): Promise<Target> {
  return starters[name](site)
}

/** Why a target cannot run on this machine, or null. */
export function whyNot(name: TargetName): string | null {
  if (name !== 'nginx') return null
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return null
  } catch {
    return 'nginx is not installed here'
  }
}

const anthropicHeaders = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
const stubKey = 'sk-stub-of-the-bench'

const starters: Record<TargetName, (site: Site) => Promise<Target>> = {
  stub: (site) => startOwn('stub', [], site),
  floor: (site) => startOwn('floor', [site.stubUrl], site),
  anthology: startAnthology,
  portkey: startPortkey,
  nginx: startNginx,
  emulator: startEmulator,
  aimock: startAimock,
}

async function startOwn(name: 'stub' | 'floor', args: string[], { folder }: Site): Promise<Target> {
  const file = join(import.meta.dirname, `${name}.ts`)
  const child = await startChild({ name, file: process.execPath, args: [file, ...args], folder })
  return { name, url: readFact(child, 'url'), headers: { ...anthropicHeaders, 'x-api-key': stubKey }, child }
}

const anthologyBinary = join(import.meta.dirname, '../cli/bin/anthology.js')

/** What `npm start` and the binary give to Node: a small young generation, so that memory does not grow with the calls. */
const nodeFlags = ['--max-semi-space-size=8']

async function startAnthology({ folder, stubUrl, workers }: Site): Promise<Target> {
  const config = join(folder, 'anthology.yaml')
  const lines = [
    'upstreams:',
    '  - platform: anthropic',
    `    base_url: ${stubUrl}`,
    `    api_key: ${stubKey}`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  // A data folder of its own each time: a ledger that grew in an earlier start would tell on a later one.
  const data = join(folder, `data-${process.hrtime.bigint()}`)
  const args = [...nodeFlags, anthologyBinary, 'serve', '--port', '0', '--data', data]
  args.push('--config', config, '--json', ...(workers === null ? [] : ['--workers', String(workers)]))
  const child = await startChild({ name: 'anthology', file: process.execPath, args, folder })
  const headers = { ...anthropicHeaders, 'x-api-key': readFact(child, 'key') }
  return { name: 'anthology', url: readFact(child, 'url'), headers, child }
}

async function startEmulator({ folder }: Site): Promise<Target> {
  const args = [anthologyBinary, 'emulate', '--port', '0', '--json']
  const child = await startChild({ name: 'emulator', file: process.execPath, args, folder })
  const headers = { ...anthropicHeaders, 'x-api-key': stubKey }
  return { name: 'emulator', url: readFact(child, 'url'), headers, child }
}

async function startPortkey({ folder, stubUrl }: Site): Promise<Target> {
  const port = await findFreePort()
  const file = packageFile('@portkey-ai/gateway/build/start-server.js')
  const args = [file, `--port=${port}`]
  const child = await startChild({ name: 'portkey', file: process.execPath, args, folder, port })
  const headers = {
    ...anthropicHeaders,
    authorization: `Bearer ${stubKey}`,
    'x-portkey-provider': 'anthropic',
    'x-portkey-custom-host': `${stubUrl}/v1`,
  }
  return { name: 'portkey', url: `http://127.0.0.1:${port}`, headers, child }
}

async function startAimock({ folder }: Site): Promise<Target> {
  const port = await findFreePort()
  const fixtures = join(folder, 'fixtures.json')
  const content = 'A canned answer, of the length that a short reply has. '.repeat(6)
  writeFileSync(fixtures, JSON.stringify({ fixtures: [{ match: {}, response: { content } }] }))
  const file = packageFile('@copilotkit/aimock/dist/cli.js')
  const args = [file, '--port', String(port), '--fixtures', fixtures, '--log-level', 'silent']
  const child = await startChild({ name: 'aimock', file: process.execPath, args, folder, port })
  const headers = { ...anthropicHeaders, 'x-api-key': stubKey }
  return { name: 'aimock', url: `http://127.0.0.1:${port}`, headers, child }
}

async function startNginx({ folder, stubUrl }: Site): Promise<Target> {
  const port = await findFreePort()
  const prefix = join(folder, `nginx-${port}`)
  mkdirSync(prefix)
  const config = readFileSync(join(import.meta.dirname, 'nginx.conf'), 'utf8')
    .replaceAll('PORT', String(port))
    .replaceAll('STUB', new URL(stubUrl).host)
  writeFileSync(join(prefix, 'nginx.conf'), config)
  const args = ['-p', `${prefix}/`, '-c', 'nginx.conf', '-e', 'error.log']
  const child = await startChild({ name: 'nginx', file: 'nginx', args, folder, port })
  const headers = { ...anthropicHeaders, 'x-api-key': stubKey }
  return { name: 'nginx', url: `http://127.0.0.1:${port}`, headers, child }
}

/** A file of an installed package; neither of the two lets itself be resolved by name. */
function packageFile(path: string): string {
  return join(import.meta.dirname, 'node_modules', path)
}

function readFact(child: Child, name: string): string {
  const facts = JSON.parse(child.firstLine) as Record<string, unknown> // Our own commands print one object.
  return String(facts[name])
}
