import { request as requestHttp } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'

import { expect, onTestFinished, test } from 'vitest'

import { createEmulator, listenEmulator } from '../../src/index.ts'
import type { Emulator, EmulatorOptions } from '../../src/index.ts'
import { createExchangeOver } from './http-exchange.ts'
import type { HttpAnswer } from './http-exchange.ts'

const weather = {
  version: 1,
  rules: [{ name: 'weather', when: { last_user: 'weather' }, reply: { text: 'Rain.' } }],
} as const

test('the scenario is read, replaced, extended by rules, and removed', async () => {
  const { control, readAnswer } = await start()

  expect(await control('GET', 'scenario')).toMatchObject({ status: 200, json: { version: 1, rules: [] } })
  expect(await control('PUT', 'scenario', JSON.stringify(weather))).toMatchObject({ json: weather })
  expect(await readAnswer('What weather?')).toBe('Rain.')

  const yaml = 'version: 1\nrules:\n  - when: { last_user: moon }\n    reply: { text: Full. }\n'
  const { json } = await control('POST', 'scenario', yaml)
  expect(json).toMatchObject({ rules: [{ name: 'weather' }, { reply: { text: 'Full.' } }] })
  expect(await readAnswer('The moon?')).toBe('Full.')

  await control('POST', 'scenario', '{"when":{"last_user":"sun"},"reply":{"text":"Up."}}')
  expect(await readAnswer('The sun?')).toBe('Up.')

  expect(await control('DELETE', 'scenario')).toMatchObject({ status: 200, json: { rules: [] } })
  expect(await readAnswer('What weather?')).not.toBe('Rain.')
})

test.each([
  ['PUT', 'scenario', 'version: 1\nrules:\n  - when: { modle: x }\n    reply: {}', /^body:3:\d+: .*'modle'/],
  ['PUT', 'scenario', '{"version":1,"rules":[', /^body:1:\d+: /],
  ['PUT', 'scenario', '', /^body:1:1: /],
  ['POST', 'scenario', '{"when":{"modle":"x"},"reply":{}}', /^when: unknown member 'modle'/],
  ['POST', 'scenario', '{"when":{}}', /./],
  ['POST', 'scenario', '[1]', /^body:1:1: /],
  ['POST', 'faults', 'status: 529', /^the body must be a JSON object with fault, times$/],
  ['POST', 'faults', '{"fault":{"status":200}}', /^fault: status: /],
  ['POST', 'faults', '{"fault":{"status":500},"times":0}', /^times: must be a whole number from 1 /],
  ['POST', 'faults', '{"status":500}', /^unknown member 'status'; the members are fault, times$/],
  ['POST', 'clock', '{"advance_ms":"1"}', /^advance_ms: must be a number/],
  ['POST', 'clock', '{"advance_ms":-1}', /^advance_ms: a clock advances by 0 /],
  ['POST', 'clock', '{"advance_ms":1e300}', /^advance_ms: a clock advances by 0 /],
  ['GET', 'requests?modle=x', undefined, /^unknown parameter 'modle'; .*model/],
  ['GET', 'requests?protocol=grpc', undefined, /^protocol: "grpc" /],
  ['GET', 'requests?limit=0', undefined, /^limit: /],
] as const)('%s %s with an invalid value names the place: %s', async (method, path, body, message) => {
  const { control } = await start({ scenario: weather })

  const { status, json } = await control(method, path, body)

  expect(status).toBe(400)
  expect(json).toMatchObject({
    error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
  })
  expect((await control('GET', 'scenario')).json).toEqual(weather)
})

test('the next requests get a fault, as often as asked', async () => {
  const { control, ask } = await start()

  const { json } = await control('POST', 'faults', '{"fault":{"status":529,"retry_after":2},"times":2}')
  const answers = [await ask('Hi'), await ask('Hi'), await ask('Hi')]

  expect(json).toEqual({ fault: { status: 529, retry_after: 2 }, times: 2 })
  expect(answers.map(({ status }) => status)).toEqual([529, 529, 200])
  expect(answers[0]?.headers.get('retry-after')).toBe('2')
})

test('requests are listed by protocol, path, model, rule, text, status and match, without credentials', async () => {
  const { control, ask, url } = await start({ scenario: weather })
  await ask('What weather?')
  await ask('What else?', 'claude-opus-4-1')
  const key = 'sk-ant-api03-abcdefghijkl'
  await fetch(`${url}/v1/chat/completions?key=${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, cookie: 'a=b' },
    body: JSON.stringify({
      model: 'claude-opus-4-1',
      messages: [{ role: 'user', content: `My key is ${key}` }],
    }),
  })

  const count = async (query: string) =>
    ((await control('GET', `requests?${query}`)).json as { total: number }).total
  expect(await count('')).toBe(3)
  expect(await count('protocol=openai')).toBe(1)
  expect(await count('path=/v1/messages')).toBe(2)
  expect(await count('model=claude-opus-4-1-20250805')).toBe(2)
  expect(await count('rule=weather')).toBe(1)
  expect(await count('unmatched=true&protocol=messages')).toBe(1)
  expect(await count('last_user=else')).toBe(1)
  expect(await count('status=200&method=post')).toBe(3)

  const { text, json } = await control('GET', 'requests?protocol=openai')
  expect(json).toMatchObject({
    requests: [
      {
        path: '/v1/chat/completions?key=[redacted]',
        platform: 'anthropic',
        unmatched: true,
        headers: { authorization: '[redacted]', cookie: '[redacted]' },
        body: { messages: [{ content: 'My key is [redacted]' }] },
        body_cut: false,
      },
    ],
  })
  expect(text).not.toContain('sk-ant')
  expect((await control('GET', 'requests?limit=1')).json).toMatchObject({
    requests: [{ protocol: 'openai' }],
    total: 3,
  })
})

test('long bodies are cut with a marker', async () => {
  const { control, ask } = await start()
  await ask('word '.repeat(10_000))
  await ask('a'.repeat(500))
  await control('GET', 'requests')

  const { json } = await control('GET', 'requests')

  expect(json).toMatchObject({
    requests: [
      {
        body: { messages: [{ content: expect.stringMatching(/… \[48000 more characters\]$/) }] },
        body_bytes: expect.any(Number),
        body_cut: true,
      },
      {
        body: { messages: [{ content: expect.stringMatching(/^a{12}… \[base64, 500 characters, \w+\]$/) }] },
      },
    ],
  })
})

test('an emulator that keeps no requests keeps them from the first call of the API', async () => {
  const { control, ask } = await start({ keepRequests: false })
  await ask('Before')
  await fetch(new URL('/healthz', (await control('GET', 'scenario')).url))
  await ask('After')

  const listed = await control('GET', 'requests')

  expect(listed.json).toMatchObject({ total: 1, requests: [{ body: { messages: [{ content: 'After' }] } }] })
})

test('the first look at the requests of such an emulator states that they are kept from now on', async () => {
  const { control, ask } = await start({ keepRequests: false })
  await ask('Before')

  expect((await control('GET', 'requests')).json).toMatchObject({
    total: 0,
    notice: expect.stringContaining('from now on'),
  })
  expect((await control('GET', 'requests')).json).not.toHaveProperty('notice')
})

test('verify lists unused rules and unmatched calls; reset restores scenario, counters, requests and clock', async () => {
  const { control, ask, readAnswer } = await start({ scenario: weather, now: () => 0 })
  await ask('What else?')
  await control('POST', 'faults', '{"fault":{"status":500}}')
  await control('POST', 'clock', '{"advance_ms":60000}')

  expect((await control('GET', 'verify')).json).toEqual({
    unused: [{ rule: 'rule 1 "weather"', used: 0, times: null }],
    unmatched: [{ path: '/v1/messages', message: expect.stringMatching(/nearest.* rule 1 "weather"/) }],
  })

  await control('DELETE', 'scenario')
  await control('POST', 'reset')

  expect(await readAnswer('What weather?')).toBe('Rain.')
  expect((await control('GET', 'verify')).json).toEqual({ unused: [], unmatched: [] })
  expect((await control('GET', 'requests')).json).toMatchObject({ total: 1 })
  expect((await control('POST', 'clock', '{"advance_ms":1}')).json).toEqual({
    now: '1970-01-01T00:00:00.001Z',
  })
})

test('a cache entry expires when the clock is advanced', async () => {
  const { control, url } = await start()
  const body = {
    model: 'claude-opus-4-1',
    max_tokens: 20,
    system: [{ type: 'text', text: 'word '.repeat(3_000), cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Hi' }],
  }
  const readCached = async () => {
    const { json } = await createExchangeOver(url)('POST', '/v1/messages', JSON.stringify(body), {
      'anthropic-version': '2023-06-01',
    })
    return (json as { usage: { cache_read_input_tokens: number } }).usage.cache_read_input_tokens
  }
  await readCached()

  expect(await readCached()).toBeGreaterThan(0)
  await control('POST', 'clock', '{"advance_ms":301000}')
  expect(await readCached()).toBe(0)
})

test('an unknown path gets the list of paths, and a wrong method the allowed ones', async () => {
  const { control, call } = await start()

  const unknown = await call('GET', '/emulator/v2/scenario')
  const wrong = await control('PATCH', 'scenario', '{}')

  expect(unknown).toMatchObject({ status: 404, json: { error: { type: 'not_found_error' } } })
  expect(unknown.text).toContain('/emulator/v1/verify')
  expect(wrong.status).toBe(405)
  expect(wrong.headers.get('allow')).toBe('GET, PUT, POST, DELETE')
  expect((await control('GET', 'reset')).headers.get('allow')).toBe('POST')
})

test('a body above the limit gets 413', async () => {
  const { control } = await start()

  const { status, json } = await control('PUT', 'scenario', `# ${'x'.repeat(4 * 1024 * 1024)}`)

  expect(status).toBe(413)
  expect(json).toMatchObject({ error: { message: expect.stringContaining('4194304 bytes') } })
})

test.each([
  [{ origin: 'https://evil.example' }],
  [{ origin: 'http://127.0.0.1', 'content-type': 'text/plain' }],
  [{ origin: 'null', 'anthropic-dangerous-direct-browser-access': 'true' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ host: 'rebound.example' }],
])('a web page cannot use it: %j', async (headers) => {
  const { url, control } = await start({ scenario: weather })

  const reset = await sendRaw(`${url}/emulator/v1/scenario`, 'DELETE', headers)
  const options = await sendRaw(`${url}/emulator/v1/scenario`, 'OPTIONS', {
    'access-control-request-method': 'PUT',
    ...headers,
  })

  expect([reset.status, options.status]).toEqual([403, 403])
  expect(reset.headers).not.toHaveProperty('access-control-allow-origin')
  expect(options.headers).not.toHaveProperty('access-control-allow-origin')
  expect((await control('GET', 'scenario')).json).toEqual(weather)
})

test('it is on the port only, at no prefix, and can be left out', async () => {
  const { emulator, call } = await start({ scenario: weather })
  const bare = await listenEmulator(emulator, { port: 0, host: '127.0.0.1', control: false })
  onTestFinished(() => bare.close())

  expect((await emulator.fetch('/emulator/v1/scenario')).status).toBe(404)
  expect((await call('GET', '/proxy/emulator/v1/scenario')).status).toBe(404)
  expect((await fetch(`${bare.url}/emulator/v1/scenario`)).status).toBe(404)
  expect((await fetch(`${bare.url}/healthz`)).status).toBe(404)
})

test('GET and HEAD /healthz are answered, over both versions of HTTP', async () => {
  const { call, url } = await start()
  const session = connectHttp2(url)
  onTestFinished(() => session.destroy())

  expect(await call('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
  expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200)
  for (const method of ['GET', 'HEAD']) {
    const stream = session.request({ ':path': '/healthz', ':method': method })
    const status = new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
    stream.resume().end()
    expect(await status).toBe(200)
  }
})

interface Started {
  readonly emulator: Emulator
  readonly url: string
  /** Calls an endpoint of the control API. */
  readonly control: (method: string, path: string, body?: string) => Promise<HttpAnswer>
  readonly call: (method: string, path: string, body?: string) => Promise<HttpAnswer>
  readonly ask: (text: string, model?: string) => Promise<HttpAnswer>
  /** Returns the text of the answer. */
  readonly readAnswer: (text: string) => Promise<string>
}

async function start(options: EmulatorOptions = {}): Promise<Started> {
  const emulator = createEmulator(options)
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  const call = createExchangeOver(server.url)
  const ask = (text: string, model = 'claude-sonnet-4-5') => {
    const body = { model, max_tokens: 100, messages: [{ role: 'user', content: text }] }
    return call('POST', '/v1/messages', JSON.stringify(body), { 'anthropic-version': '2023-06-01' })
  }
  return {
    emulator,
    url: server.url,
    call,
    control: (method, path, body) => call(method, `/emulator/v1/${path}`, body),
    ask,
    readAnswer: async (text) => {
      const { json } = await ask(text)
      return (json as { content: { text: string }[] }).content[0]?.text ?? ''
    },
  }
}

/** Sends headers that `fetch` would set itself. */
function sendRaw(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>> }> {
  return new Promise((resolve, reject) => {
    const sent = requestHttp(url, { method, headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    sent.on('error', reject)
    sent.end()
  })
}
