import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { askHttp2, connectHttp2 } from '../port/http2-client.ts'
import { connectRaw, rawCall } from '../raw-client.ts'
import { localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody } from '../samples.ts'
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
