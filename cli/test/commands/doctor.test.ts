import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { createAccount, defaultLimits, minRedactedLength, openDatabase } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('finds no problems with a running server', async () => {
  const server = await startServer()
  makePrivate(server.dataFolder)

  const { code, out, err } = await run(['doctor', ...getFlags(server)], { cwd: temporaryFolder() })

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(`a gateway listens on ${server.url}`)
  expect(out).toContain('it accepts calls')
  expect(out).toContain('it accepts the local key')
  expect(out).toContain('used by a running server')
  expect(out).toMatch(/\nNo problems found\.\n$/)
})

test('stays within the width of the terminal, and marks states by word as well as by colour', async () => {
  const cwd = temporaryFolder()
  const port = String(await freePort())

  for (const columns of [60, 80, 140]) {
    const { out } = await run(['doctor', '--port', port, '--data', 'd'], { cwd, columns })

    // A path may be longer than the terminal, and is never wrapped.
    const long = out.split('\n').filter((line) => line.length > columns && !line.includes(cwd))
    expect(long).toEqual([])
    expect(out).toMatch(/ {2}warn {2}healthz +nothing listens on/)
  }
})

test('prints its findings as JSON', async () => {
  const findings = await getFindings(['--port', String(await freePort())])

  expect(findings).toContainEqual({
    area: 'Upstreams',
    name: 'emulator',
    state: 'ok',
    text: 'the offline emulator: no account, no cost, no network',
    next: null,
  })
  expect(getState(findings, 'healthz')).toBe('warn')
  expect(findings.filter(({ state, next }) => state !== 'ok' && next === null)).toEqual([])
})

test('creates nothing', async () => {
  const cwd = temporaryFolder()
  const port = String(await freePort())

  await run(['doctor', '--port', port], { cwd })
  const { out } = await run(['doctor', '--port', port], { cwd, columns: 200 })

  expect(out).toContain('does not exist yet; the first start of the server creates it')
})

test('prints the source of each setting', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), 'host: 127.0.0.1\ndata: ledgers\n')

  const findings = await getFindings([], { cwd, env: { ANTHOLOGY_PORT: String(await freePort()) } })

  expect(getText(findings, 'file')).toBe('anthology.yaml is valid')
  expect(getText(findings, 'port')).toMatch(/^\d+ \(ANTHOLOGY_PORT\)$/)
  expect(getText(findings, 'host')).toBe('127.0.0.1 (the configuration)')
  expect(getText(findings, 'data')).toBe('ledgers (the configuration)')
})

test('fails on an invalid configuration, and checks the rest', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), 'upstreams:\n  - platform: anthropic\n    base_ulr: x\n')

  const { code, out } = await run(['doctor', '--port', String(await freePort())], { cwd, columns: 200 })

  expect(code).toBe(1)
  expect(out).toContain("anthology.yaml:3:5: unknown member 'base_ulr' in upstreams.0")
  expect(out).toMatch(/host +127\.0\.0\.1 \(default, because the file is not valid\)/)
  expect(out).toContain('-> Did you mean base_url? The members that exist')
  expect(out).toContain('Node')
  expect(out).toMatch(/\n1 failure and 1 warning; /)
})

test('warns about a local key that other users can read', async () => {
  const server = await startServer()
  chmodSync(join(server.dataFolder, 'local-key'), 0o644)

  const findings = await getFindings(getFlags(server))

  expect(getState(findings, 'local key')).toBe('warn')
  expect(getText(findings, 'local key')).toContain('mode 0644')
})

test('warns about files of the data folder that other users can use, with the command that corrects them', async () => {
  const server = await startServer()
  makePrivate(server.dataFolder)
  chmodSync(join(server.dataFolder, 'anthology.sqlite'), 0o644)
  chmodSync(server.dataFolder, 0o755)

  const findings = await getFindings(getFlags(server))

  const modes = findings.find(({ name }) => name === 'modes')
  const file = join(server.dataFolder, 'anthology.sqlite')
  expect(modes).toMatchObject({
    state: 'warn',
    text: `other users of this machine can use ${server.dataFolder} (mode 0755), ${file} (mode 0644)`,
    next: `Run chmod go-rwx ${server.dataFolder} ${file}`,
  })
})

test('fails on a corrupted ledger that still opens, and changes nothing', async () => {
  const cwd = temporaryFolder()
  const file = join(cwd, 'd', 'anthology.sqlite')
  const database = openDatabase(join(cwd, 'd'))
  const insert = database.prepare('INSERT INTO keys (id, name, hash, created_at_ms) VALUES (?, ?, ?, 1)')
  for (let key = 0; key < 500; key += 1) insert.run(`key_${key}`, `name ${key}`, `hash ${key}`)
  database.close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xff, bytes.length - 8_192))

  const { code, out } = await run(['doctor', '--json', '--data', 'd', ...(await offline())], { cwd })

  const { findings } = JSON.parse(out) as { findings: readonly Finding[] }
  expect(code).toBe(1)
  expect(getState(findings, 'ledger')).toBe('fail')
  expect(getText(findings, 'ledger')).toContain(`${file} cannot be used: `)
  expect(readFileSync(file).equals(bytes)).toBe(true)
})

test('reads a ledger of an earlier version without upgrading it', async () => {
  const cwd = temporaryFolder()
  openDatabase(join(cwd, 'd')).close()
  const file = join(cwd, 'd', 'anthology.sqlite')
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 4')
  database.close()

  const findings = await getFindings(['--data', 'd', ...(await offline())], { cwd })

  const after = new DatabaseSync(file, { readOnly: true })
  expect(getText(findings, 'ledger')).toMatch(/^0 calls, schema 4, upgraded to \d+ at the next start/)
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 })
  after.close()
})

test('creates no file beside a ledger that no server uses', async () => {
  const cwd = temporaryFolder()
  openDatabase(join(cwd, 'd')).close()

  await run(['doctor', '--data', 'd', ...(await offline())], { cwd })

  expect(readdirSync(join(cwd, 'd'))).toEqual(['anthology.sqlite'])
})

test('reports calls that wait in a journal for the next start, and the torn end of another one', async () => {
  const cwd = temporaryFolder()
  openDatabase(join(cwd, 'd')).close()
  const file = join(cwd, 'd', 'journal', '7-abc-000001.journal')
  mkdirSync(join(cwd, 'd', 'journal'), { mode: 0o700 })
  writeFileSync(file, 'x'.repeat(2_048), { mode: 0o600 })
  writeFileSync(`${file}.torn`, 'x', { mode: 0o600 })

  const findings = await getFindings(['--data', 'd', ...(await offline())], { cwd })

  const journal = join('d', 'journal', '7-abc-000001.journal')
  expect(getText(findings, 'journal')).toContain('2.0 KB of calls in ')
  expect(getText(findings, 'journal')).toContain(`${journal} are not in the ledger yet`)
  expect(getText(findings, 'torn journal')).toContain(`${journal}.torn: ends in the middle of a record`)
})

test('finds the rows that a server kept elsewhere, because its data folder was removed', async () => {
  const [cwd, elsewhere] = [temporaryFolder(), temporaryFolder()]
  writeFileSync(join(cwd, 'anthology.yaml'), `data: d\nemergency_folder: ${elsewhere}\n`)
  const file = join(
    elsewhere,
    `emergency-${hash('sha256', join(cwd, 'd')).slice(0, 16)}-7-abc-000002.journal`,
  )
  writeFileSync(file, 'x'.repeat(100))
  writeFileSync(join(elsewhere, 'emergency-0123456789abcdef-7-abc-000002.journal'), 'x')

  const findings = await getFindings(await offline(), { cwd })

  expect(getText(findings, 'journal')).toBe(`100 bytes of calls in ${file} are not in the ledger yet`)
})

test('finds a data folder that was removed while its server runs', async () => {
  const server = await startServer()
  rmSync(server.dataFolder, { recursive: true })

  const findings = await getFindings(getFlags(server))

  expect(getState(findings, 'data folder')).toBe('warn')
  expect(getText(findings, 'data folder')).toContain('was removed or replaced while it ran')
})

test('names the variables that are not set here, and checks everything that does not need them', async () => {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'anthology.yaml'),
    'data: ledgers\nupstreams:\n  - platform: anthropic\n    base_url: http://127.0.0.1:1\n    api_key: ${UP_ONE}\n',
  )

  const { code, out } = await run(['doctor', '--json', ...(await offline())], { cwd })

  const { findings } = JSON.parse(out) as { findings: readonly Finding[] }
  expect(code).toBe(0)
  expect(getState(findings, 'UP_ONE')).toBe('warn')
  expect(getText(findings, 'UP_ONE')).toBe('UP_ONE is not set here, and upstreams.0.api_key refers to it')
  expect(getText(findings, 'data')).toBe('ledgers (the configuration)')
  expect(getText(findings, 'anthropic')).toBe('not checked: UP_ONE is not set here')
})

test.each([
  ['127.0.0.1', 'warn'],
  ['0.0.0.0', 'fail'],
])('reports secrets that can be guessed, on %s', async (host, state) => {
  const env = { ANTHOLOGY_KEY: 'a', ANTHOLOGY_ADMIN_KEY: 'changeme-changeme-changeme' }

  const { out } = await run(['doctor', '--json', '--host', host, ...(await offline())], {
    cwd: temporaryFolder(),
    env,
  })

  const { findings } = JSON.parse(out) as { findings: readonly Finding[] }
  const weak = findings.filter(({ text }) => text.includes('can be guessed'))
  expect(weak.map(({ name }) => name)).toEqual(['ANTHOLOGY_KEY', 'ANTHOLOGY_ADMIN_KEY'])
  expect(weak.map((finding) => finding.state)).toEqual([state, state])
  expect(out).not.toContain('changeme')
})

test.each([
  ['api_key: none', 'warn', 'its credential is too short to be hidden'],
  ['api_key: fifteen-letters', 'warn', 'its credential is too short to be hidden'],
  ['name: bare', 'fail', 'it has neither api_key nor auth_token'],
])('reports the credential of an upstream with %s', async (member, state, problem) => {
  const cwd = temporaryFolder()
  const url = member.startsWith('api_key') ? '    base_url: http://127.0.0.1:1\n' : ''
  writeFileSync(join(cwd, 'anthology.yaml'), `upstreams:\n  - platform: anthropic\n${url}    ${member}\n`)

  const findings = await getFindings([...(await offline()), '--offline'], { cwd })

  expect(findings.find(({ text }) => text.includes(problem))?.state).toBe(state)
})

test('a credential that is long enough to be redacted is not reported', async () => {
  const cwd = temporaryFolder()
  const upstream = `base_url: http://127.0.0.1:1\n    api_key: ${'k'.repeat(minRedactedLength)}`
  writeFileSync(join(cwd, 'anthology.yaml'), `upstreams:\n  - platform: anthropic\n    ${upstream}\n`)

  const findings = await getFindings([...(await offline()), '--offline'], { cwd })

  expect(findings.filter(({ text }) => text.includes('too short'))).toEqual([])
})

test.each([
  ['keys:\n    nokey: { requests_per_minute: 1 }', 'warn', 'rates.keys.nokey limits nobody'],
  ['models:\n    claude-opus-9: { requests_per_minute: 1 }', 'fail', "there is no model 'claude-opus-9'"],
])('reports rates for what does not exist: %j', async (rates, state, problem) => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), `rates:\n  ${rates}\n`)

  const findings = await getFindings(await offline(), { cwd })

  expect(findings.find(({ text }) => text.includes(problem))?.state).toBe(state)
})

test('fails on a ledger that cannot be read', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'd'))
  writeFileSync(
    join(cwd, 'd', 'anthology.sqlite'),
    'this is no database, but it is long enough to look like one',
  )

  const findings = await getFindings(['--data', 'd', '--port', String(await freePort())], { cwd })

  expect(getState(findings, 'ledger')).toBe('fail')
})

test('finds a server that uses the folder and listens on another port', async () => {
  const server = await startServer()

  const findings = await getFindings(['--data', server.dataFolder, '--port', String(await freePort())])

  expect(getText(findings, 'healthz')).toContain('but a running server uses the data folder')
})

test('finds a server that was started with another folder', async () => {
  const [server, other] = [await startServer(), await startServer()]

  const findings = await getFindings(['--data', other.dataFolder, '--port', String(server.port)])

  expect(getState(findings, 'models')).toBe('warn')
  expect(getText(findings, 'models')).toContain('does not accept the local key of')
})

test('finds a server with a TLS certificate that is signed by itself', async () => {
  const cwd = temporaryFolder()
  const [key, certificate] = [join(cwd, 'key.pem'), join(cwd, 'certificate.pem')]
  const flags = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=gateway.example']
  execFileSync('openssl', ['req', '-x509', ...flags, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  writeFileSync(join(cwd, 'anthology.yaml'), 'tls: { certificate: certificate.pem, key: key.pem }\n')
  const read = (file: string) => readFileSync(file, 'utf8')
  const server = await startServer({ tls: { certificate: read(certificate), key: read(key) } })

  const findings = await getFindings([...getFlags(server), '--config', join(cwd, 'anthology.yaml')], { cwd })

  expect(getText(findings, 'tls')).toBe('the certificate and its key can be used')
  expect(getText(findings, 'healthz')).toBe(`a gateway listens on ${server.url}`)
  expect(getText(findings, 'models')).toBe('it accepts the local key')
})

test('shows open circuits and exhausted quotas of a running server', async () => {
  const adminKey = 'sk-anthology-admin-key-of-the-doctor-test'
  const [broken, busy, unpaid] = await Promise.all(
    [500, 429, 402].map((status) =>
      listen((_request, response) => void response.writeHead(status, { 'retry-after': '60' }).end('{}')),
    ),
  )
  const accounts = [broken, busy, unpaid].map((port) =>
    createAccount(
      { platform: 'anthropic', name: `at-${port}`, base_url: `http://127.0.0.1:${port}`, api_key: 'key' },
      defaultLimits,
    ),
  )
  const server = await startServer({ accounts, adminKey, routing: { circuit: { failures: 1 } } })
  writeFileSync(join(server.dataFolder, 'admin-key'), adminKey)
  const find = async () =>
    (await getFindings(getFlags(server))).filter(
      ({ name, area }) => area === 'Server' && name === 'upstreams',
    )

  const before = await find()
  const message = { max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }
  const post = (body: object) =>
    fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': server.key,
        'anthropic-version': '2023-06-01',
      },
      body: JSON.stringify(body),
    })
  await post({ ...message, model: 'claude-opus-4-1' })
  await post({ ...message, model: 'claude-opus-5-5', speed: 'fast' })
  const after = await find()

  expect(before.map(({ state, text }) => [state, text])).toEqual([
    ['ok', 'no circuit is open and no quota exhausted (3 in use)'],
  ])
  expect(after.map(({ state, text }) => [state, text.replace(/ at 20.*/, '')])).toEqual([
    [
      'warn',
      `the circuit of claude-opus-4-1-20250805 at upstream 'at-${broken}' is open, because it failed repeatedly (it answered 500: {}); the next try is`,
    ],
    [
      'warn',
      `the circuit of claude-opus-5-5 at upstream 'at-${broken}' is open, because it failed repeatedly (it answered 500: {}); the next try is`,
    ],
    ['warn', `the quota of claude-opus-4-1-20250805 at upstream 'at-${busy}' is exhausted; the next try is`],
    [
      'warn',
      `the quota for fast mode of claude-opus-5-5 at upstream 'at-${busy}' is exhausted; the next try is`,
    ],
    [
      'warn',
      `the circuit of all models at upstream 'at-${unpaid}' is open, because its credit or spending limit is exhausted (it answered 402: {}); the next try is`,
    ],
  ])
})

test('shows the time to first token and the used quota of each model that a running server calls', async () => {
  const adminKey = 'sk-anthology-admin-key-of-the-doctor-test'
  const answer = [
    '{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
    '{"type":"content_block_stop","index":0}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}',
    '{"type":"message_stop"}',
  ].map((data) => `event: ${/"type":"(\w+)"/.exec(data)?.[1]}\ndata: ${data}\n\n`)
  const port = await listen(
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer.join('')),
  )
  const bedrock = createAccount(
    {
      platform: 'bedrock',
      name: 'aws',
      region: 'us-east-1',
      surface: 'messages',
      bearer_token: 'token',
      base_url: `http://127.0.0.1:${port}`,
      tokens_per_minute: { 'claude-opus-5-5': 1_000_000 },
    },
    defaultLimits,
  )
  const server = await startServer({ accounts: [bedrock], adminKey })
  writeFileSync(join(server.dataFolder, 'admin-key'), adminKey)
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': server.key,
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({
      model: 'claude-opus-5-5',
      stream: true,
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  })
  await response.text()

  const lines = (await getFindings(getFlags(server))).filter(({ name }) => name === 'model in use')

  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({ state: 'ok', area: 'Server' })
  expect(lines[0]?.text).toMatch(
    /^claude-opus-5-5 at 'aws': first token after [\d,]+ ms \(median of 1 stream\), \d+ of 1,000,000 tokens a minute used$/,
  )
})

test('shows what the routing of a running server has instead of the configuration', async () => {
  const adminKey = 'sk-anthology-admin-key-of-the-doctor-test'
  const server = await startServer({
    adminKey,
    routing: { aliases: { 'claude-opus-4-1': { to: 'claude-sonnet-4-0', share: '10%' } } },
  })
  writeFileSync(join(server.dataFolder, 'admin-key'), adminKey)
  const find = async () =>
    (await getFindings(getFlags(server))).filter(({ name, area }) => area === 'Server' && name === 'routing')
  const change = (path: string, body: object) =>
    fetch(`${server.url}/admin/v1/routing/${path}`, {
      method: 'PUT',
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const before = await find()
  await change('aliases/claude-opus-4-1', { to: 'claude-sonnet-4-5', share: '50%' })
  await change('weights', { weights: {} })
  const after = await find()

  expect(before.map(({ state, text }) => [state, text])).toEqual([
    ['ok', 'aliases and weights are as configured'],
  ])
  expect(after.map(({ state, text }) => [state, text])).toEqual([
    ['warn', expect.stringContaining('the weights were changed at run time')],
    [
      'warn',
      "the alias 'claude-opus-4-1' was changed at run time: it is 50% to claude-sonnet-4-5, and the configuration has 10% to claude-sonnet-4-0",
    ],
  ])
})

test('fails if another program listens there', async () => {
  const port = await listen((_request, response) => void response.writeHead(404).end('not here'))

  const { code, out } = await run(['doctor', '--port', String(port)], { cwd: temporaryFolder() })

  expect(code).toBe(1)
  expect(out).toContain('another program listens on')
})

test('checks the credential of an upstream with a request that costs nothing', async () => {
  const emulator = createEmulator({ keys: ['right'] })
  const upstream = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => upstream.close())

  const [right, wrong] = [
    await getFindings(
      await offline(),
      configured(upstream.url, '${UPSTREAM_KEY}', { UPSTREAM_KEY: 'right' }),
    ),
    await getFindings(await offline(), configured(upstream.url, 'wrong')),
  ]

  expect(getText(right, 'anthropic')).toContain('accepts its credential')
  expect(getState(wrong, 'anthropic')).toBe('fail')
  expect(getText(wrong, 'anthropic')).toContain('is reachable but rejects its api_key (401)')
})

test.each([
  [(port: number) => `http://127.0.0.1:${port}`, 'is not reachable', 'Nothing listens there'],
  [() => 'http://nobody.invalid', 'is not reachable', 'DNS settings'],
  [() => 'https://someone:secret@127.0.0.1', 'its base_url contains a password', 'Move it to api_key'],
])('fails on an unreachable upstream (%#), and prints a remedy', async (url, problem, next) => {
  const given = configured(url(await freePort()), 'k')

  const { code, out } = await run(['doctor', ...(await offline())], { columns: 200, ...given })

  expect(code).toBe(1)
  expect(out).toContain(problem)
  expect(out).toContain(next)
  expect(out).not.toContain('secret')
})

test('names the proxy of each upstream, and warns of a variable that only other programs read', async () => {
  const cwd = temporaryFolder()
  const upstreams = [
    '{ platform: anthropic, api_key: x }',
    '{ name: own, platform: bedrock, region: us-east-1, bearer_token: x, proxy: "http://ann:secret@own.example:3128" }',
    '{ name: local, platform: anthropic, base_url: "http://127.0.0.1:1" }',
  ]
  writeFileSync(
    join(cwd, 'anthology.yaml'),
    `upstreams:\n${upstreams.map((each) => `  - ${each}\n`).join('')}`,
  )
  const argv = ['doctor', '--json', '--offline', ...(await offline())]

  const { out } = await run(argv, { cwd, env: { https_proxy: 'http://bob:secret@proxy.example:3128' } })
  const { out: unread } = await run(argv, { cwd, env: { ALL_PROXY: 'http://proxy.example:3128' } })
  const { out: invalid } = await run(argv, { cwd, env: { HTTPS_PROXY: 'socks5://bob:secret@proxy.example' } })

  expect(out).toContain('api.anthropic.com through the proxy http://proxy.example:3128 (https_proxy)')
  expect(out).toContain("through the proxy http://own.example:3128 (proxy of upstream 'own')")
  expect(out).toContain('http://127.0.0.1:1 without a proxy')
  expect(unread).toContain('ALL_PROXY is set, and the gateway does not read it')
  expect(invalid).toContain('HTTPS_PROXY is not the URL of an HTTP proxy')
  for (const text of [out, unread, invalid]) expect(text).not.toMatch(/secret|bob|ann:/)
})

test('sends nothing to upstreams with --offline', async () => {
  let asked = 0
  const port = await listen((_request, response) => {
    asked += 1
    response.end('{}')
  })

  const findings = await getFindings(
    [...(await offline()), '--offline'],
    configured(`http://127.0.0.1:${port}`, 'k'),
  )

  expect(asked).toBe(0)
  expect(getText(findings, 'anthropic')).toContain('not checked because of --offline')
})

test.each([
  [0, 'ok'],
  [60_000, 'warn'],
  [-600_000, 'fail'],
])('compares the clock with that of an upstream that is %i ms apart', async (apartMs, state) => {
  const port = await listen((_request, response) => {
    response.writeHead(200, { date: new Date(Date.now() + apartMs).toUTCString() }).end('{}')
  })

  const findings = await getFindings(await offline(), configured(`http://127.0.0.1:${port}`, 'k'))

  expect(getState(findings, 'date')).toBe(state)
})

test('lists the provider keys that are set and their use, without values', async () => {
  const canary = 'sk-ant-canary-value'
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'anthology.yaml'),
    'upstreams:\n  - platform: anthropic\n    base_url: http://127.0.0.1:1\n    api_key: ${ANTHROPIC_API_KEY}\n',
  )
  const env = { ANTHROPIC_API_KEY: canary, ANTHROPIC_AUTH_TOKEN: canary, AWS_ACCESS_KEY_ID: canary }

  const { out } = await run(['doctor', '--offline', ...(await offline())], { cwd, env })

  expect(out).toMatch(/ANTHROPIC_API_KEY +set and used by the configuration/)
  expect(out).toMatch(/ANTHROPIC_AUTH_TOKEN +set but not used; serve --live would use it/)
  expect(out).toMatch(/AWS_ACCESS_KEY_ID +set but not used/)
  expect(out).not.toContain(canary)
})

test('prints versions and disk space', async () => {
  const findings = await getFindings(await offline())

  expect(getText(findings, 'Node')).toBe(process.versions.node)
  expect(getText(findings, 'API versions')).toBe('2023-06-01, 2026-10-21')
  expect(getText(findings, 'catalog')).toMatch(/^\d+ models, the newest released on 2026-\d\d-\d\d$/)
  expect(getText(findings, 'disk')).toMatch(/^[\d.]+ (?:MB|GB|TB) free for the data folder$/)
})

interface Finding {
  readonly area: string
  readonly name: string
  readonly state: string
  readonly text: string
  readonly next: string | null
}

async function getFindings(
  flags: readonly string[],
  given: Parameters<typeof run>[1] = {},
): Promise<readonly Finding[]> {
  const { out } = await run(['doctor', '--json', ...flags], { cwd: temporaryFolder(), ...given })
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings
}

/** The modes that a data folder and its files should have. */
function makePrivate(dataFolder: string): void {
  for (const name of readdirSync(dataFolder)) chmodSync(join(dataFolder, name), 0o600)
}

function getText(findings: readonly Finding[], wanted: string): string {
  return findings.find(({ name }) => name === wanted)?.text ?? ''
}

function getState(findings: readonly Finding[], wanted: string): string {
  return findings.find(({ name }) => name === wanted)?.state ?? ''
}

function getFlags({
  port,
  dataFolder,
}: {
  readonly port: number
  readonly dataFolder: string
}): readonly string[] {
  return ['--port', String(port), '--data', dataFolder]
}

/** Flags for a port without a server. */
async function offline(): Promise<readonly string[]> {
  return ['--port', String(await freePort())]
}

/** A folder with a configuration that has an upstream. */
function configured(
  url: string,
  apiKey: string,
  env: Readonly<Record<string, string>> = {},
): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  const cwd = temporaryFolder()
  const yaml = `upstreams:\n  - platform: anthropic\n    base_url: ${url}\n    api_key: ${apiKey}\n`
  writeFileSync(join(cwd, 'anthology.yaml'), yaml)
  return { cwd, env }
}

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  // A server that listens on a port, and not on a pipe, has an address of this type.
  return (server.address() as AddressInfo).port
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
