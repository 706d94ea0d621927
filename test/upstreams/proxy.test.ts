import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { createAccount, defaultLimits, probeUpstream } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'

import { run } from '../../cli/test/console.ts'
import { temporaryFolder } from '../../cli/test/temporary-folder.ts'
import { ask } from '../../gateway/test/http-client.ts'
import { startGateway } from '../../gateway/test/running-gateway.ts'
import type { RunningGateway, StartOptions } from '../../gateway/test/running-gateway.ts'
import { message } from '../../gateway/test/samples.ts'
import { cloudNames, describeCloud, emulatorCredentials, model } from './clouds.ts'
import type { CloudConfig } from './clouds.ts'
import {
  findClosedPort,
  startForwardProxy,
  startTls,
} from '../../gateway/test/upstreams/proxies/forward-proxy.ts'

const password = 'password-of-the-proxy-tests'
const basic = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
const adminKey = 'admin-key-of-the-proxy-tests-0000000000'

test.each(cloudNames)('calls of %s go through a tunnel, which the next ones share', async (cloud) => {
  const upstream = await startTls(await startEmulator())
  const proxy = await startForwardProxy()
  const gateway = await startBehind([
    { ...describeCloud(cloud, upstream.url), proxy: `http://ann:${password}@${proxy.host}` },
  ])

  const plain = await gateway.post(createBody(false))
  const stream = await gateway.post(createBody(true))

  expect(plain.status).toBe(200)
  expect(JSON.parse(plain.text)).toMatchObject({ type: 'message' })
  expect(stream.text).toMatch(/^event: message_start[^]*event: message_stop\n/)
  expect(proxy.seen).toEqual([{ request: `CONNECT ${upstream.host}`, authorization: basic }])
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }])
})

test('an http upstream is asked by its whole URL, and does not see the credentials of the proxy', async () => {
  const emulator = createEmulator(emulatorCredentials)
  const { url } = await listen(emulator)
  const proxy = await startForwardProxy()
  const gateway = await startBehind([
    { ...describeCloud('anthropic', url), proxy: `http://ann:${password}@${proxy.host}` },
  ])

  const { status } = await gateway.post(createBody(true))

  expect(status).toBe(200)
  expect(proxy.seen).toEqual([{ request: `POST ${url}/v1/messages`, authorization: basic }])
  expect(emulator.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined])
})

const faults = [
  ['https', 'refuses the connection', 'closed', /cannot be reached \(ECONNREFUSED\)/],
  ['https', 'closes the connection', 'reset', /cannot be reached \(UND_ERR_SOCKET\)/],
  ['https', 'hangs', 'hang', /does not answer/],
  ['https', 'wants other credentials', 407, /Set user and password in proxy of/],
  ['https', 'refuses the tunnel', 403, /\(status 403\)\. Allow the host there, or except it/],
  ['https', 'does not reach the host', 502, /\(status 502\)\. Check that the proxy reaches/],
  ['http', 'refuses the connection', 'closed', /cannot be reached \(ECONNREFUSED\)/],
  ['http', 'wants other credentials', 407, /Set user and password in proxy of/],
] as const

test.each(faults)(
  'the proxy to an %s upstream %s: the next upstream answers, the log has the proxy and no password',
  async (scheme, _name, fault, advice) => {
    const url = await startEmulator()
    const behind = scheme === 'http' ? url : (await startTls(url)).url
    const proxy = await startForwardProxy()
    if (fault !== 'closed') proxy.fail(fault)
    const host = fault === 'closed' ? `127.0.0.1:${await findClosedPort()}` : proxy.host
    const first = { ...describeCloud('anthropic', behind), proxy: `http://ann:${password}@${host}` }
    const gateway = await startBehind([first, { ...describeCloud('anthropic', url), name: 'next' }], {
      adminKey,
      limits: { connectMs: 300 },
      routing: { circuit: { failures: 1 } },
    })

    const { status, headers } = await gateway.post(createBody(true))
    const admin = await ask(`${gateway.url}/admin/v1/upstreams`, { headers: { 'x-api-key': adminKey } })

    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'x-anthology-upstream': 'next', 'x-anthology-attempts': '2' })
    const [entry] = gateway.log.filter(({ event }) => event === 'attempt_failed')
    expect(entry?.['because']).toContain(`the proxy http://${host} `)
    expect(entry?.['because']).toMatch(advice)
    expect(admin.text).toContain(`the proxy http://${host} `)
    expect(admin.text).toContain(`"proxy":"http://${host}"`)
    expect(JSON.stringify([gateway.log, admin.text])).not.toContain(password)
    // The failed attempt cost nothing, so it has no row.
    expect(gateway.rows()).toMatchObject([{ outcome: 'answered', upstream: 'next' }])
  },
)

test('a client learns that the proxy failed, and not which one it is', async () => {
  const proxy = await startForwardProxy()
  proxy.fail(407)
  const config = describeCloud('anthropic', 'https://other.example')
  const gateway = await startBehind([{ ...config, proxy: `http://ann:${password}@${proxy.host}` }])

  const { status, text, headers } = await gateway.post(createBody(false))

  expect(status).toBe(502)
  expect(text).toContain("upstream 'anthropic' cannot be reached (PROXY_AUTHENTICATION)")
  expect(text).not.toContain(proxy.host)
  expect(headers['x-should-retry']).toBe('true')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', cost_nano_usd: null }])
  expect(JSON.stringify(gateway.log)).not.toContain(password)
})

test.each(['http', 'https'])(
  'a call on a connection that was closed while idle is sent again, one on a new connection is not: a tunnel of an %s proxy',
  async (scheme) => {
    const requests = new Map<Socket, number>()
    let mode: 'answers once' | 'closes' = 'answers once'
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', () => {
          const number = (requests.get(socket) ?? 0) + 1
          requests.set(socket, number)
          if (mode === 'answers once' && number === 1) socket.write(answer)
          else socket.destroy()
        })
    })
    const behind = await startTls(await listenOn(server))
    const proxy = await startForwardProxy()
    const own = `http://${proxy.host}`
    const address = scheme === 'https' ? (await startTls(own)).url : own
    const gateway = await startBehind([{ ...describeCloud('anthropic', behind.url), proxy: address }])

    const first = await gateway.post(createBody(false))
    const second = await gateway.post(createBody(false))
    mode = 'closes'
    const third = await gateway.post(createBody(false))

    expect([first, second, third].map(({ status }) => status)).toEqual([200, 200, 502])
    expect(second.headers['x-anthology-attempts']).toBe('2')
    expect(third.text).toContain('closed the connection without a response')
    expect([...requests.values()]).toEqual([2, 1, 1])
  },
)

test('the variables of the environment decide, but for upstreams with proxy: none and for loopback addresses', async () => {
  const url = await startEmulator()
  const { host } = await startTls(url)
  const proxy = await startForwardProxy({ 'other.example:443': host })
  const env = {
    https_proxy: `ann:${password}@${proxy.host}`,
    HTTPS_PROXY: 'http://127.0.0.1:1',
    http_proxy: 'http://127.0.0.1:1',
  }
  const remote = describeCloud('anthropic', 'https://other.example')

  const through = await probe(remote, env)
  const excepted = await probe(remote, { ...env, NO_PROXY: '.example' })
  const without = await probe({ ...remote, proxy: 'none' }, env)
  const local = await probe(describeCloud('anthropic', url), env)

  expect(through.kind).toBe('counted')
  expect(proxy.seen).toEqual([{ request: 'CONNECT other.example:443', authorization: basic }])
  for (const direct of [excepted, without])
    expect(direct).toMatchObject({ code: expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/) })
  expect(local.kind).toBe('counted')
})

test('an upstream behind a working proxy keeps its own failures', async () => {
  const { host } = await startTls(await startEmulator())
  const proxy = await startForwardProxy({ 'wrong.example:443': host })
  const config = { ...describeCloud('anthropic', 'https://wrong.example'), proxy: `http://${proxy.host}` }

  expect(await probe(config)).toMatchObject({
    message: expect.stringContaining('TLS certificate that is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)'),
  })
})

test('doctor checks upstreams through their proxy, and names it where it fails', async () => {
  const emulator = await startEmulator()
  const { host, url } = await startTls(emulator)
  const proxy = await startForwardProxy({ 'other.example:443': host })
  const own = `proxy: "http://ann:${password}@${proxy.host}"`
  const key = 'sk-ant-key-of-the-upstream-tests'
  const upstreams = [
    `{ name: plain, platform: anthropic, base_url: "${emulator}", api_key: ${key}, ${own} }`,
    `{ name: claude, platform: anthropic, base_url: "${url}", api_key: ${key}, ${own} }`,
    `{ name: cloud, platform: vertex, project: my-project, location: europe-west1, base_url: "https://other.example", access_token: ya29.token-of-the-upstream-tests }`,
  ]

  const env = { HTTPS_PROXY: `http://ann:${password}@${proxy.host}` }

  const right = await runDoctor(upstreams, env)
  proxy.fail(407)
  const wrong = await runDoctor(upstreams, env)

  for (const [name, setBy] of [
    ['plain', "proxy of upstream 'plain'"],
    ['claude', "proxy of upstream 'claude'"],
    ['cloud', 'HTTPS_PROXY'],
  ]) {
    expect(right.find((each) => each.name === name)).toMatchObject({
      state: 'ok',
      text: expect.stringContaining(`through the proxy http://${proxy.host} (${setBy})`),
    })
    expect(wrong.find((each) => each.name === name)).toMatchObject({
      state: 'fail',
      text: expect.stringContaining(`the proxy http://${proxy.host} does not accept the credentials`),
      next: 'If the upstream can be reached without a proxy, set proxy: none for it.',
    })
  }
  expect(new Set(proxy.seen.map(({ request }) => request))).toEqual(
    new Set([`CONNECT ${host}`, 'CONNECT other.example:443', `GET ${emulator}/v1/models?limit=1`]),
  )
  expect(JSON.stringify([right, wrong])).not.toContain(password)
})

test('the settings in the admin API show the proxy without its user and password', async () => {
  const config = {
    upstreams: [
      {
        ...describeCloud('anthropic', 'https://other.example'),
        proxy: `http://ann:${password}@proxy.example:3128`,
      },
    ],
  }
  const console = { folder: '', config, isEmulated: false }
  const gateway = await startGateway({ adminKey, console })

  const { text } = await ask(`${gateway.url}/admin/v1/settings`, { headers: { 'x-api-key': adminKey } })

  expect(text).toContain('http://proxy.example:3128')
  expect(text).not.toContain(password)
  expect(text).not.toContain('ann:')
})

function startBehind(configs: readonly CloudConfig[], options: StartOptions = {}): Promise<RunningGateway> {
  const limits = { ...defaultLimits, ...options.limits }
  const accounts = configs.map((config) => createAccount(config, limits))
  const groups = accounts.map(({ name }) => [name])
  return startGateway({ ...options, accounts, routing: { ...options.routing, groups } })
}

const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`

async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  // The address has this type because the server listens on a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Finding {
  readonly name: string
  readonly state: string
  readonly text: string
  readonly next: string | null
}

async function runDoctor(
  upstreams: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'anthology.yaml'),
    `upstreams:\n${upstreams.map((each) => `  - ${each}\n`).join('')}`,
  )
  const { out } = await run(['doctor', '--json', '--port', '1'], { cwd, env })
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings // The output of `doctor --json`.
}

/** Counts tokens by an upstream of its own. */
async function probe(config: CloudConfig, env: Readonly<Record<string, string>> = {}) {
  const account = createAccount(config, defaultLimits, env)
  onTestFinished(() => account.close?.())
  return await probeUpstream(account, 60_000)
}

function listen(emulator: ReturnType<typeof createEmulator>) {
  const started = listenEmulator(emulator, { port: 0, host: '127.0.0.1', allowedHosts: ['other.example'] })
  onTestFinished(async () => (await started).close())
  return started
}

async function startEmulator(): Promise<string> {
  return (await listen(createEmulator(emulatorCredentials))).url
}

function createBody(stream: boolean): string {
  return JSON.stringify({ model, max_tokens: 20, stream, messages: [{ role: 'user', content: 'Hello' }] })
}
