import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { askHttp2, connectHttp2 } from '../port/http2-client.ts'
import { connectRaw, rawCall } from '../raw-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'
import { expectException, profileOpus } from '../protocols/aws-client.ts'

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

test.each([
  ['http://evil.example', 'localhost', 403],
  ['http://localhost', 'evil.example', 200],
  ['http://gateway.example:80', 'evil.example', 200],
  // Not encrypted, or with a user: no server may serve these.
  ['https://localhost', 'localhost', 400],
  ['http://user@localhost', 'localhost', 400],
])('a target at %s with the header %s gets %i: its host takes precedence', async (origin, host, status) => {
  const gateway = await startGateway({ hosts: ['gateway.example'] })
  const client = await connectRaw(gateway.port)

  const key = `x-api-key: ${localKey}\r\nanthropic-version: 2023-06-01\r\n`
  client.write(`GET ${origin}/v1/models?limit=1 HTTP/1.1\r\nhost: ${host}\r\n${key}\r\n`)

  const [answer] = await client.answers(1)
  expect(answer?.status).toBe(status)
  if (status === 200) expect(JSON.parse(answer?.body ?? '')).toMatchObject({ data: [expect.anything()] })
})

test('a target in absolute form is a call like any other, and an absent path is the first page', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ accounts: [httpAccount(upstream.url)] })
  const client = await connectRaw(gateway.port)
  const origin = `http://127.0.0.1:${gateway.port}`

  client.write(rawCall(callBody, { line: `POST ${origin}/v1/messages HTTP/1.1` }))
  client.write(`GET ${origin} HTTP/1.1\r\nhost: x\r\n\r\n`)

  expect(await client.answers(2)).toMatchObject([{ status: 200 }, { status: 200 }])
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
