import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'

import type { AdminClientRequest } from '../../src/auth/admin-access.ts'
import type { Caller } from '../../src/auth/caller.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { roles } from '../../src/auth/roles.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { adminRoutes } from '../../src/endpoints/admin/admin.ts'
import type { AdminRoute } from '../../src/endpoints/admin/route.ts'
import { ask } from '../http-client.ts'
import type { Answer, Asking } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { localKey, startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

const adminKey = createSecret()

test('every operation runs by its example, and answers as its schema says', async () => {
  const gateway = await startAdmin()

  for (const route of adminRoutes) {
    const { path, ...asking } = toExample(route)
    const answer = await askAdmin(gateway, path, asking)
    expect(answer.status, `${route.operation}: ${answer.text}`).toBe(
      route.example.status ?? route.status ?? (route.answer === null ? 204 : 200),
    )
    expect(answer.headers['cache-control']).toBe('no-store')
    if (route.example.status === undefined && route.mediaType === undefined)
      expectSchema(route, JSON.parse(answer.text || '{}'))
  }
})

test('every operation refuses a request without a key, and one with an ordinary key', async () => {
  const gateway = await startAdmin()

  for (const route of adminRoutes) {
    const { path, ...asking } = toExample(route)
    const nobody = await askAdmin(gateway, path, { ...asking, headers: { 'x-api-key': undefined } })
    const ordinary = await askAdmin(gateway, path, { ...asking, headers: { 'x-api-key': localKey } })
    expectProblem(nobody, 401, 'no_key')
    expectProblem(ordinary, 403, 'admin_only')
  }
})

test('every operation refuses the roles that it does not name, and takes those that it names', async () => {
  const gateway = await startAdmin({ findMember: findByHeader })

  for (const role of roles)
    for (const route of adminRoutes) {
      const { path, ...asking } = toExample(route)
      const headers = { 'x-api-key': undefined, 'x-role': role }
      const answer = await askAdmin(gateway, path, { ...asking, headers })
      const isRefused = answer.text.includes('"code":"role_required"')
      const isAllowed = role === 'admin' || route.roles.includes(role)
      expect(isRefused, `${role} at ${route.operation}: ${answer.text}`).toBe(!isAllowed)
      expect(answer.status).not.toBe(401)
    }
})

test('every change has a row in the audit log, and nothing else has one', async () => {
  const gateway = await startAdmin()
  const entries = async () => {
    const answer = await askAdmin(gateway, '/admin/v1/audit?limit=1000')
    return (JSON.parse(answer.text) as { data: { action: string; actor: string }[] }).data
  }

  for (const route of adminRoutes) {
    const before = await entries()
    const { path, ...asking } = toExample(route)
    await askAdmin(gateway, path, asking)
    const after = await entries()
    const added = after.slice(0, after.length - before.length)
    expect(added.map(({ action, actor }) => [action, actor])).toEqual(
      'change' in route ? [[route.operation, 'admin-key']] : [],
    )
    if (route.method !== 'GET' && !('change' in route)) expect(readingPosts).toContain(route.operation)
  }
})

/** These send a body but change nothing. */
const readingPosts = ['explainCall', 'testUpstream']

test('the OpenAPI document is valid and has every operation once', async () => {
  const gateway = await startAdmin()

  const answer = await askAdmin(gateway, '/admin/v1/openapi.json')

  const validation = await new Validator().validate(JSON.parse(answer.text) as Record<string, unknown>)
  expect(validation.errors ?? []).toEqual([])
  expect(validation.valid).toBe(true)
  const document = JSON.parse(answer.text) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
    ),
  )
  expect(operations.toSorted()).toEqual(
    adminRoutes.map(({ method, path, operation }) => `${method} ${path} ${operation}`).toSorted(),
  )
  expect(new Set(adminRoutes.map(({ operation }) => operation)).size).toBe(adminRoutes.length)
})

test('the example of every operation in the OpenAPI document runs', async () => {
  const gateway = await startAdmin()
  const { paths } = JSON.parse((await askAdmin(gateway, '/admin/v1/openapi.json')).text) as DocumentPaths

  for (const { method, path, example } of adminRoutes) {
    const { operationId, parameters = [], requestBody, responses } = paths[path]![method.toLowerCase()]!
    const query = new URLSearchParams()
    let filled = path
    for (const { name, in: place, example: value } of parameters) {
      if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)))
      else if (value !== undefined) for (const one of [value].flat()) query.append(name, `${one}`)
    }
    const body = requestBody?.content['application/json'].example
    const answer = await askAdmin(gateway, query.size === 0 ? filled : `${filled}?${query.toString()}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const expected = example.status === undefined ? Object.keys(responses)[0] : String(example.status)
    expect(String(answer.status), `${operationId}: ${answer.text}`).toBe(expected)
  }
})

/** The parts of the document that make a request. */
interface DocumentPaths {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string
            readonly parameters?: readonly {
              readonly name: string
              readonly in: string
              readonly example?: string | number | readonly string[]
            }[]
            readonly requestBody?: {
              readonly content: { readonly 'application/json': { readonly example?: unknown } }
            }
            readonly responses: Readonly<Record<string, unknown>>
          }
        >
      >
    >
  >
}

test('a request that its role does not allow changes nothing and leaves no row in the audit log', async () => {
  const gateway = await startAdmin({ findMember: findByHeader })

  for (const role of roles)
    for (const route of adminRoutes.filter((one) => 'change' in one && !one.roles.includes(role))) {
      if (role === 'admin') continue
      const { path, ...asking } = toExample(route)
      const headers = { 'x-api-key': undefined, 'x-role': role }
      expectProblem(await askAdmin(gateway, path, { ...asking, headers }), 403, 'role_required')
    }

  const audit = await askAdmin(gateway, '/admin/v1/audit')
  expect(JSON.parse(audit.text)).toEqual({ data: [], next: null })
})

test('takes the admin key as a bearer token too', async () => {
  const gateway = await startAdmin()

  const answer = await askAdmin(gateway, '/admin/v1/upstreams', {
    headers: { 'x-api-key': undefined, authorization: `Bearer ${adminKey}` },
  })

  expect(answer.status).toBe(200)
})

test.each([
  '/admin',
  '/admin/',
  '/admin/v1/upstreams/',
  '/admin/v1/nothing',
  '/admin/v1/messages',
  '/admin/v1/models',
  '/admin//v1/upstreams',
  '/admin/v1/%75pstreams',
  '/admin/model/anthropic.claude-opus-4-1-20250805-v1:0/invoke',
])('%s is no path of any API, and a stranger does not learn that', async (path) => {
  const gateway = await startAdmin()

  expectProblem(await askAdmin(gateway, path, { method: 'POST', body: callBody }), 404, 'no_route')
  for (const key of [undefined, localKey]) {
    const answer = await askAdmin(gateway, path, {
      method: 'POST',
      body: callBody,
      headers: { 'x-api-key': key },
    })
    expect([401, 403]).toContain(answer.status)
  }
})

test('a wrong method names the right one', async () => {
  const gateway = await startAdmin()

  const answer = await askAdmin(gateway, '/admin/v1/upstreams', { method: 'DELETE' })

  expectProblem(answer, 405, 'wrong_method')
  expect(answer.headers.allow).toBe('GET')
})

test('an address that guesses has to wait, even with the right key; others do not', async () => {
  const gateway = await startAdmin()
  const from = (address: string | undefined, key: string) =>
    askAdmin(gateway, '/admin/v1/upstreams', { headers: { 'x-api-key': key, 'x-forwarded-for': address } })

  for (let guess = 0; guess < 10; guess += 1)
    expectProblem(await from('192.0.2.1', `guess ${guess}`), 401, 'unknown_key')
  const blocked = await from('192.0.2.1', adminKey)

  expectProblem(blocked, 429, 'rate_limited')
  expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(30)
  // The last address is the one that the proxy on this machine saw; the client can write what stands before it.
  expectProblem(await from('10.0.0.1, 192.0.2.1', adminKey), 429, 'rate_limited')
  expect((await from('192.0.2.2', adminKey)).status).toBe(200)
  expect((await from(undefined, adminKey)).status).toBe(200)
})

test('behind a trusted proxy each client is an address of its own', async () => {
  const gateway = await startAdmin({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] })
  const from = (address: string, key: string) =>
    askAdmin(gateway, '/admin/v1/upstreams', { headers: { 'x-api-key': key, 'x-forwarded-for': address } })

  for (let guess = 0; guess < 10; guess += 1) await from('192.0.2.1, 10.1.1.1', `guess ${guess}`)

  expectProblem(await from('192.0.2.1, 10.1.1.1', adminKey), 429, 'rate_limited')
  expect((await from('192.0.2.2, 10.1.1.1', adminKey)).status).toBe(200)
})

test('an ordinary key is no guess', async () => {
  const gateway = await startAdmin()
  const headers = { 'x-api-key': localKey }

  for (let time = 0; time < 12; time += 1)
    expectProblem(await askAdmin(gateway, '/admin/v1/upstreams', { headers }), 403, 'admin_only')
})

test('without an admin key no key is accepted', async () => {
  const gateway = await startGateway()

  for (const key of ['', adminKey, 'undefined'])
    expect((await askAdmin(gateway, '/admin/v1/upstreams', { headers: { 'x-api-key': key } })).status).toBe(
      401,
    )
})

test('the host is checked, and no web page may read an answer', async () => {
  const gateway = await startAdmin({ corsOrigins: ['https://app.example'] })
  const headers = { origin: 'https://app.example' }

  const foreign = await askAdmin(gateway, '/admin/v1/upstreams', { headers: { host: 'attacker.example' } })
  const options = await askAdmin(gateway, '/admin/v1/upstreams', {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-method': 'GET' },
  })
  const answer = await askAdmin(gateway, '/admin/v1/upstreams', { headers })

  expectProblem(foreign, 403, 'wrong_host')
  expect(options.status).toBe(405)
  for (const each of [options, answer]) expect(each.headers['access-control-allow-origin']).toBeUndefined()
})

test('a body is bounded like that of a call', async () => {
  const gateway = await startAdmin({ limits: { bodyBytes: 200 } })

  const answer = await askAdmin(gateway, '/admin/v1/explain', {
    method: 'POST',
    body: `"${'x'.repeat(300)}"`,
  })

  expectProblem(answer, 413, 'body_too_large')
})

test('the admin key makes no calls, and is redacted in the log', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startAdmin({ upstreamUrl: upstream.url })

  const answer = await gateway.post(callBody, { headers: { 'x-api-key': adminKey } })
  await askAdmin(gateway, `/admin/${adminKey}`)

  expect(answer.status).toBe(401)
  expect(upstream.requests).toEqual([])
  expect(gateway.log.some(({ message: text }) => String(text).includes('the admin API has no path'))).toBe(
    true,
  )
  expect(JSON.stringify(gateway.log)).not.toContain(adminKey)
})

test('a key that was created for calls is never an admin key, whatever its name', async () => {
  const { secret } = createKey('admin', null, 0)
  const gateway = await startAdmin({ keys: [{ id: 'admin', name: 'admin', secret }] })

  const answer = await askAdmin(gateway, '/admin/v1/upstreams', { headers: { 'x-api-key': secret } })

  expectProblem(answer, 403, 'admin_only')
})

async function startAdmin(options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, ...options })
}

function askAdmin(gateway: RunningGateway, path: string, asking: Asking = {}): Promise<Answer> {
  const headers = { ...usual, 'x-api-key': adminKey, ...asking.headers }
  return ask(gateway.url + path, { ...asking, headers })
}

function toExample({ method, path, example }: AdminRoute): Asking & { readonly path: string } {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => example.parameters?.[name] ?? name)
  const query = example.query === undefined ? '' : `?${example.query}`
  const body = example.body === undefined ? {} : { body: JSON.stringify(example.body) }
  return { method, path: filled + query, ...body }
}

function expectSchema({ answer, operation }: AdminRoute, value: unknown): void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  expect(ajv.validate(answer ?? {}, value), `${operation}: ${ajv.errorsText()}`).toBe(true)
}

/** A caller with the role of a header, as a session would give it. */
async function findByHeader({ headers }: AdminClientRequest): Promise<Caller | null> {
  const role = roles.find((name) => name === headers['x-role'])
  return role === undefined ? null : { role, actor: `the ${role}`, memberId: null, workspaces: null }
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(answer.text)).toMatchObject({
    type: `urn:anthology:error:${code}`,
    title: code.replaceAll('_', ' '),
    status,
    code,
    detail: expect.stringMatching(/.{10}/),
    request_id: answer.headers['request-id'],
  })
  expect(answer.status).toBe(status)
}
