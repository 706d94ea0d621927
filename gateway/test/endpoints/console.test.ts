import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'

import { createToken } from '../../src/auth/console-sessions.ts'
import { adminRoutes } from '../../src/endpoints/admin/admin.ts'
import { ask } from '../http-client.ts'
import type { Answer, Asking } from '../http-client.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'

const folder = createBuiltFolder()
const adminKey = createToken()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every page of the console is the same document, under a policy without inline scripts', async () => {
  const gateway = await start()

  const pages = await Promise.all(
    ['/console/', '/console/calls', '/console/keys/a%2Fb'].map((path) => get(gateway, path)),
  )

  for (const page of pages) {
    expect(page.status).toBe(200)
    expect(page.text).toContain('<title>Anthology</title>')
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect(page.headers['cache-control']).toBe('no-cache')
  }
})

test('/console leads to /console/, and a hashed file is kept for a year', async () => {
  const gateway = await start()

  const bare = await get(gateway, '/console')
  const file = await get(gateway, '/console/assets/a-1.js', { 'accept-encoding': 'br, gzip' })
  const again = await get(gateway, '/console/assets/a-1.js', { 'if-none-match': file.headers.etag })

  expect([bare.status, bare.headers.location]).toEqual([308, '/console/'])
  expect(file.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  })
  expect([again.status, again.text]).toEqual([304, ''])
})

test.each([
  '/console/assets/../../secret.txt',
  '/console/assets/%2e%2e/%2e%2e/secret.txt',
  '/console//etc/passwd',
  '/console/secret.txt',
  '/console/assets/missing-2.js',
])('%s reads no file outside the built ones', async (path) => {
  const gateway = await start()

  const answer = await get(gateway, path)

  expect(answer.text).not.toContain('a secret')
  expect(answer.text).not.toContain('root:')
})

test('a missing build is stated in one sentence', async () => {
  const gateway = await startGateway({ adminKey, console: { folder: join(folder, 'nowhere') } })

  const answer = await get(gateway, '/console/')

  expect(answer.status).toBe(404)
  expect(answer.text).toContain('the console is not built; run npm run build')
})

test('a link signs in exactly one of many that use it at once, and not after its time', async () => {
  const linkToken = createToken()
  let nowMs = Date.now()
  const gateway = await start({ console: { folder, linkToken }, nowMs: () => nowMs })

  const answers = await Promise.all(Array.from({ length: 12 }, () => signIn(gateway, { token: linkToken })))
  const late = (await askAdmin(gateway, 'POST', '/admin/v1/console-links')).token
  nowMs += 31 * 60_000
  const expired = await signIn(gateway, { token: late })

  const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other)
  expect(statuses).toEqual([200, ...Array<number>(11).fill(401)])
  expect(expired.status).toBe(401)
})

test('signing in replaces a session that somebody else has prepared', async () => {
  const gateway = await start()
  const planted = readCookie(await signIn(gateway, { admin_key: adminKey }))

  const own = readCookie(await signIn(gateway, { admin_key: adminKey }, { cookie: planted }))
  const former = await get(gateway, '/admin/v1/server', { cookie: planted })
  const present = await get(gateway, '/admin/v1/server', { cookie: own })

  expect(own).not.toBe(planted)
  expect([former.status, present.status]).toEqual([401, 200])
})

test('a change with the cookie needs the token of the session and a page of this server', async () => {
  const gateway = await start()
  const session = await signIn(gateway, { admin_key: adminKey })
  const cookie = readCookie(session)
  const { csrf_token: token } = JSON.parse(session.text) as { csrf_token: string }
  const origin = gateway.url
  const create = (headers: Asking['headers']) =>
    ask(`${gateway.url}/admin/v1/workspaces`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: `team ${Math.random()}` }),
    })

  const statuses = {
    own: await create({ origin, 'x-csrf-token': token }),
    ownFetch: await create({ 'sec-fetch-site': 'same-origin', 'x-csrf-token': token }),
    withoutToken: await create({ origin }),
    wrongToken: await create({ origin, 'x-csrf-token': createToken() }),
    otherOrigin: await create({ origin: 'https://evil.example', 'x-csrf-token': token }),
    otherPort: await create({ origin: 'http://127.0.0.1:1', 'x-csrf-token': token }),
    crossSite: await create({ 'sec-fetch-site': 'cross-site', 'x-csrf-token': token }),
    sameSite: await create({ 'sec-fetch-site': 'same-site', 'x-csrf-token': token }),
    noOrigin: await create({ 'x-csrf-token': token }),
  }

  expect(Object.fromEntries(Object.entries(statuses).map(([name, { status }]) => [name, status]))).toEqual({
    own: 201,
    ownFetch: 201,
    withoutToken: 403,
    wrongToken: 403,
    otherOrigin: 403,
    otherPort: 403,
    crossSite: 403,
    sameSite: 403,
    noOrigin: 403,
  })
})

test('no change of the admin API can be made with the cookie alone', async () => {
  const gateway = await start()
  const cookie = readCookie(await signIn(gateway, { admin_key: adminKey }))
  const changes = adminRoutes.filter(({ method }) => method !== 'GET')

  const answers = await Promise.all(
    changes.map(({ method, path }) =>
      ask(`${gateway.url}${path.replaceAll(/\{\w+\}/g, 'x')}`, {
        method,
        headers: { cookie, origin: gateway.url, 'content-type': 'application/json' },
        ...(method !== 'DELETE' && { body: '{}' }),
      }),
    ),
  )

  const statuses = changes.map(({ operation }, at) => [operation, answers[at]?.status])
  expect(changes.length).toBeGreaterThan(15)
  expect(statuses).toEqual(changes.map(({ operation }) => [operation, 403]))
})

test('another page can neither sign a browser in nor read with its cookie', async () => {
  const gateway = await start()
  const cookie = readCookie(await signIn(gateway, { admin_key: adminKey }))

  const forced = await signIn(gateway, { admin_key: adminKey }, { origin: 'https://evil.example' })
  const read = await get(gateway, '/admin/v1/server', { cookie, 'sec-fetch-site': 'cross-site' })
  const rebound = await Promise.all(
    ['/console/', '/console/session', '/admin/v1/server'].map((path) =>
      get(gateway, path, { cookie, host: 'evil.example' }),
    ),
  )

  expect([forced.status, forced.headers['set-cookie']]).toEqual([403, undefined])
  expect(read.status).toBe(403)
  expect(rebound.map(({ status }) => status)).toEqual([403, 403, 403])
})

test('an ordinary key does not open the console, and many wrong admin keys make their sender wait', async () => {
  const gateway = await start()

  const ordinary = await signIn(gateway, { admin_key: localKey })
  const wrong = []
  for (let tries = 0; tries < 11; tries += 1) wrong.push(await signIn(gateway, { admin_key: createToken() }))

  expect(ordinary.status).toBe(403)
  expect(wrong.at(0)?.status).toBe(401)
  expect(wrong.at(-1)?.status).toBe(429)
})

test('a session ends by signing out, and after half a day without use', async () => {
  let nowMs = Date.now()
  const gateway = await start({ nowMs: () => nowMs })
  const first = await signIn(gateway, { admin_key: adminKey })
  const second = readCookie(await signIn(gateway, { admin_key: adminKey }))
  const { csrf_token: token } = JSON.parse(first.text) as { csrf_token: string }
  const cookie = readCookie(first)

  await ask(`${gateway.url}/console/session`, {
    method: 'DELETE',
    headers: { cookie, origin: gateway.url, 'x-csrf-token': token },
  })
  const out = await get(gateway, '/admin/v1/server', { cookie })
  nowMs += 11 * 3_600_000
  const used = await get(gateway, '/admin/v1/server', { cookie: second })
  nowMs += 13 * 3_600_000
  const idle = await get(gateway, '/admin/v1/server', { cookie: second })

  expect([out.status, used.status, idle.status]).toEqual([401, 200, 401])
})

test('no secret of a session or a link is stored or logged', async () => {
  const linkToken = createToken()
  const gateway = await start({ console: { folder, linkToken } })
  const cookie = readCookie(await signIn(gateway, { token: linkToken }))
  const secret = cookie.split('=')[1] ?? ''

  const log = JSON.stringify(gateway.log)
  await gateway.close()
  const stored = readdirSync(gateway.dataFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

  expect(secret).toHaveLength(43)
  expect([log, stored].filter((text) => text.includes(linkToken) || text.includes(secret))).toEqual([])
})

function start(options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, console: { folder }, ...options })
}

function get(gateway: RunningGateway, path: string, headers: Asking['headers'] = {}): Promise<Answer> {
  return ask(`${gateway.url}${path}`, { headers })
}

function signIn(gateway: RunningGateway, body: object, headers: Asking['headers'] = {}): Promise<Answer> {
  return ask(`${gateway.url}/console/session`, {
    method: 'POST',
    headers: { origin: gateway.url, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function askAdmin(gateway: RunningGateway, method: string, path: string): Promise<{ token: string }> {
  const answer = await ask(`${gateway.url}${path}`, { method, headers: { 'x-api-key': adminKey } })
  return JSON.parse(answer.text) as { token: string }
}

function readCookie({ headers }: Answer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

function createBuiltFolder(): string {
  const outer = mkdtempSync(join(tmpdir(), 'anthology-built-'))
  const built = join(outer, 'built')
  mkdirSync(join(built, 'assets'), { recursive: true })
  writeFileSync(join(outer, 'secret.txt'), 'a secret')
  writeFileSync(join(built, 'secret.txt'), 'a secret')
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>Anthology</title>')
  const script = 'export const one = 1\n'.repeat(100)
  writeFileSync(join(built, 'assets/a-1.js'), script)
  writeFileSync(join(built, 'assets/a-1.js.gz'), gzipSync(script))
  return built
}
