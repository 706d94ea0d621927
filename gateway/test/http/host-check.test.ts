import { describe, expect, test } from 'vitest'

import { createHostCheck } from '../../src/http/host-check.ts'
import { ask } from '../http-client.ts'
import { askHttp2, connectHttp2 } from '../port/http2-client.ts'
import { connectRaw, rawCall } from '../raw-client.ts'
import { localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody } from '../samples.ts'
import { expectException, profileOpus } from '../protocols/aws-client.ts'

const loopbackNames = [
  'localhost',
  'LocalHost:7171',
  'localhost.',
  'localhost.:80',
  'app.localhost:7171',
  '127.0.0.1',
  '127.8.9.10:65535',
  '[::1]',
  '[::1]:7171',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]:7171',
  'host.docker.internal:7171',
  'host.containers.internal',
]

const otherNames = [
  '',
  'evil.example',
  'evil.example:7171',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '127.0.0.1.evil.example.',
  'localhost..',
  'localhost@evil.example',
  'evil.example#localhost',
  'evil.example/localhost',
  'evil.example, localhost',
  'localhost:99999',
  '128.0.0.1',
  '192.168.0.7:7171',
  '[::2]',
  '[2001:db8::1]:7171',
  '[::ffff:192.168.0.7]',
]

describe('on a loopback address', () => {
  test.each(['127.0.0.1', '::1'])('%s accepts loopback names in every spelling, and no other', (address) => {
    const check = createHostCheck([], address)

    expect(loopbackNames.filter((name) => !check.accepts(name))).toEqual([])
    expect(otherNames.filter((name) => check.accepts(name))).toEqual([])
  })

  test('accepts configured names too, on any port', () => {
    const check = createHostCheck(['Claude.Example', 'gateway'], '127.0.0.1')

    expect(['claude.example:443', 'CLAUDE.example.', 'gateway'].every((name) => check.accepts(name))).toBe(
      true,
    )
    expect(['my.claude.example', 'claude.example.org'].some((name) => check.accepts(name))).toBe(false)
  })
})

describe('on another address', () => {
  test('accepts every name: a proxy or a container may have any', () => {
    const check = createHostCheck([], '0.0.0.0')

    expect([...loopbackNames, ...otherNames].every((name) => check.accepts(name))).toBe(true)
  })

  test('accepts configured names, loopback names and IP addresses once a name is configured', () => {
    const check = createHostCheck(['claude.example'], '::')

    for (const name of ['claude.example', 'localhost:7171', '10.1.2.3:7171', '[2001:db8::1]:7171'])
      expect(check.accepts(name), name).toBe(true)
    for (const name of ['evil.example', '10.1.2.3.evil.example', ''])
      expect(check.accepts(name), name).toBe(false)
  })
})

test.each(['/metrics', '/healthz', '/readyz', '/', '/v1/models', '/nowhere'])(
  'a page of another name can read nothing of %s',
  async (path) => {
    const gateway = await startGateway()

    for (const host of ['evil.example', `evil.example:${gateway.port}`, 'localhost.evil.example']) {
      const answer = await ask(gateway.url + path, { headers: { host, 'x-api-key': localKey } })
      expect(answer.status).toBe(403)
      expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'permission_error' } })
    }
    const own = await ask(gateway.url + path, { headers: { ...usual, host: `localhost:${gateway.port}` } })
    expect(own.status).toBe(path === '/nowhere' ? 404 : 200)
  },
)

test('the name of an HTTP/2 request is checked as well', async () => {
  const gateway = await startGateway()
  const session = connectHttp2(gateway.url)

  const foreign = await askHttp2(session, { ':path': '/healthz', ':authority': 'evil.example' })
  const own = await askHttp2(session, { ':path': '/healthz', ':authority': `localhost:${gateway.port}` })

  expect([foreign.status, own.status]).toEqual([403, 200])
})

test('so is the name in the target, which takes precedence over the header', async () => {
  const gateway = await startGateway()
  const client = await connectRaw(gateway.port)

  client.write(rawCall(callBody, { line: 'POST http://evil.example/v1/messages HTTP/1.1' }))

  expect(await client.answers(1)).toMatchObject([{ status: 403 }])
})

test('the error has the format of the protocol and names the remedy', async () => {
  const gateway = await startGateway()

  const answer = await gateway.post('{}', {
    path: `/model/${profileOpus}/invoke`,
    headers: { host: 'evil.example' },
  })

  expectException(answer, { status: 403, type: 'AccessDeniedException', says: /add the name to hosts/ })
})

test('a request of HTTP/1.0 without a name, which no browser sends, is served', async () => {
  const gateway = await startGateway()
  const client = await connectRaw(gateway.port)

  client.write('GET /healthz HTTP/1.0\r\n\r\n')

  expect(await client.answers(1)).toMatchObject([{ status: 200 }])
})
