import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { awsCredentials } from './aws-signature.ts'
import { findFreePort, startChild } from './child.ts'
import type { Child } from './child.ts'
import { findProcesses } from './meter.ts'

/** A server under load. */
export interface Target {
  readonly name: TargetName
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly child: Child
  /** All processes of the server. */
  readonly processes: readonly number[]
}

/** Every server that a run can start, in the order of the report, with a description for readers. */
export const targetNotes = {
  stub: 'the upstream itself: canned answers from memory over a bare socket',
  floor: 'a bare passthrough: `node:http` in, `undici.dispatch` out, nothing else',
  anthology:
    '`anthology serve --workers 1`, otherwise as users start it: keys, request validation, limits, metrics, ledger and call log are on',
  workers: 'the same with several workers; its CPU includes all processes',
  budgets:
    'the same with one worker and three budgets that apply to every call: of the organization, the workspace and the key',
  failover:
    'the same with one worker and an upstream in front that refuses every connection: the cost of asking the next one',
  bedrock:
    'the same with one worker and the stub as Amazon Bedrock: InvokeModel, signed, streams in frames of AWS',
  vertex: 'the same with one worker and the stub as Vertex AI: rawPredict and its stream',
  portkey:
    '`@portkey-ai/gateway` as its users start it, pointed at the stub by its custom-host header; with `@hono/node-server` 1.13.8, because the version that npm installs today fails every stream',
  nginx: 'nginx with one worker, keep-alive connections to the stub and no access log',
  emulator: '`anthology emulate`: generates each response and checks every rule',
  aimock: '`@copilotkit/aimock` with one fixture that matches everything, its log off',
} as const

export type TargetName = keyof typeof targetNotes

export const targetNames = Object.keys(targetNotes) as TargetName[] // The keys of the literal are exactly its type's.

/** The proxies between a client and the stub, measured under every load. */
export const gatewayNames = [
  'floor',
  'anthology',
  'budgets',
  'failover',
  'bedrock',
  'vertex',
  'portkey',
  'nginx',
] as const satisfies TargetName[]

/** The servers that produce their own responses. */
export const standInNames = ['emulator', 'aimock'] as const satisfies TargetName[]

export interface Site {
  /** The folder for data folders, configurations and logs. */
  readonly folder: string
  /** The URL of the stub; empty until it listens. */
  readonly stubUrl: string
  /** The number of workers of the target with several. */
  readonly workers: number
}

export async function startTarget(name: TargetName, site: Site): Promise<Target> {
  const started = await starters[name](site)
  return { name, ...started, processes: await findProcesses(started.child.pid) }
}

/** The reason that a target cannot run on this machine, or null. */
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
/** In the form of a real one, as in `awsCredentials`. */
const stubKey = `sk-ant-api03-${hash('sha512', 'key of the bench', 'base64url')}-AAAAAAAA`

type Started = Omit<Target, 'name' | 'processes'>

const starters: Record<TargetName, (site: Site) => Promise<Started>> = {
  stub: (site) => startOwn('stub', [], site),
  floor: (site) => startOwn('floor', [site.stubUrl], site),
  anthology: (site) => startAnthology('anthology', site, 1),
  workers: (site) => startAnthology('workers', site, site.workers),
  budgets: (site) => startAnthology('budgets', site, 1),
  failover: (site) => startAnthology('failover', site, 1),
  bedrock: (site) => startAnthology('bedrock', site, 1),
  vertex: (site) => startAnthology('vertex', site, 1),
  portkey: startPortkey,
  nginx: startNginx,
  emulator: startEmulator,
  aimock: startAimock,
}

async function startOwn(name: 'stub' | 'floor', args: string[], { folder }: Site): Promise<Started> {
  const file = join(import.meta.dirname, `${name}.ts`)
  const child = await startChild({ name, file: process.execPath, args: [file, ...args], folder })
  return { url: readFact(child, 'url'), headers: { ...anthropicHeaders, 'x-api-key': stubKey }, child }
}

const anthologyBinary = join(import.meta.dirname, '../cli/bin/anthology.js')

const budgetLines = [
  'budgets:',
  ...['organization', 'workspace:default', 'key:local'].map(
    (scope) => `  - { scope: "${scope}", limit: "9000000", window: month }`,
  ),
]

/** The flags with which `npm start` and the binary run Node. */
const nodeFlags = ['--max-semi-space-size=8', '--v8-pool-size=1', '--no-flush-bytecode']

async function startAnthology(
  name: TargetName,
  { folder, stubUrl }: Site,
  workers: number,
): Promise<Started> {
  const config = join(folder, `${name}.yaml`)
  // A port that nobody listens on; an open circuit would skip it.
  const refused = `http://127.0.0.1:${name === 'failover' ? await findFreePort() : 0}`
  const lines = [
    ...(name === 'failover'
      ? ['routing: { groups: [[refusing], [stub]], circuit: { failures: 1000000 } }']
      : []),
    ...(name === 'budgets' ? budgetLines : []),
    'upstreams:',
    ...(name === 'failover'
      ? [`  - { name: refusing, platform: anthropic, base_url: "${refused}", api_key: ${stubKey} }`]
      : []),
    `  - { name: stub, base_url: "${stubUrl}", ${describeUpstream(name)} }`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  // A new data folder per start, so that the ledger of an earlier start has no influence.
  const data = join(folder, `data-${process.hrtime.bigint()}`)
  const args = [...nodeFlags, anthologyBinary, 'serve', '--port', '0', '--data', data]
  args.push('--config', config, '--json', '--workers', String(workers))
  const env = {
    ANTHOLOGY_AWS_ACCESS_KEY_ID: awsCredentials.accessKeyId,
    ANTHOLOGY_AWS_SECRET_ACCESS_KEY: awsCredentials.secretAccessKey,
  }
  const child = await startChild({ name, file: process.execPath, args, folder, env })
  const headers = { ...anthropicHeaders, 'x-api-key': readFact(child, 'key') }
  return { url: readFact(child, 'url'), headers, child }
}

/** The stub as the platform of a target; the credentials are those that its users have. */
function describeUpstream(name: TargetName): string {
  const { accessKeyId, secretAccessKey } = awsCredentials
  if (name === 'bedrock')
    return `platform: bedrock, region: us-east-1, access_key_id: ${accessKeyId}, secret_access_key: "${secretAccessKey}"`
  if (name === 'vertex')
    return `platform: vertex, project: bench, location: us-east5, access_token: ${stubKey}`
  return `platform: anthropic, api_key: ${stubKey}`
}

async function startEmulator({ folder }: Site): Promise<Started> {
  const args = [...nodeFlags, anthologyBinary, 'emulate', '--port', '0', '--json']
  const child = await startChild({ name: 'emulator', file: process.execPath, args, folder })
  const headers = { ...anthropicHeaders, 'x-api-key': stubKey }
  return { url: readFact(child, 'url'), headers, child }
}

async function startPortkey({ folder, stubUrl }: Site): Promise<Started> {
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
  return { url: `http://127.0.0.1:${port}`, headers, child }
}

async function startAimock({ folder }: Site): Promise<Started> {
  const port = await findFreePort()
  const fixtures = join(folder, 'fixtures.json')
  const content = 'A canned answer, of the length that a short reply has. '.repeat(6)
  writeFileSync(fixtures, JSON.stringify({ fixtures: [{ match: {}, response: { content } }] }))
  const file = packageFile('@copilotkit/aimock/dist/cli.js')
  const args = [file, '--port', String(port), '--fixtures', fixtures, '--log-level', 'silent']
  const child = await startChild({ name: 'aimock', file: process.execPath, args, folder, port })
  const headers = { ...anthropicHeaders, 'x-api-key': stubKey }
  return { url: `http://127.0.0.1:${port}`, headers, child }
}

async function startNginx({ folder, stubUrl }: Site): Promise<Started> {
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
  return { url: `http://127.0.0.1:${port}`, headers, child }
}

/** A file of an installed package; both packages do not export theirs. */
function packageFile(path: string): string {
  return join(import.meta.dirname, 'node_modules', path)
}

/** Reads a member of the line that the server printed when it was ready. */
export function readFact(child: Child, name: string): string {
  const facts = JSON.parse(child.firstLine) as Record<string, unknown> // Our own commands print one object.
  return String(facts[name])
}
