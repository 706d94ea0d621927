import { get } from 'node:https'
import { text } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { batchBody, createBatch, startBoth, sendRequest } from '../resources/batches.ts'
import { batchText } from '../resources/keeping-upstream.ts'
import { testCertificate } from '../port/certificate.ts'
import { askHttp2, connectHttp2 } from '../port/http2-client.ts'
import { localKey } from '../running-gateway.ts'

test('points results_url to an https address if the port uses TLS, in both versions of HTTP', async () => {
  const { gateway, upstream } = await startBoth({ tls: testCertificate })
  const headers = {
    'x-api-key': localKey,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  const session = connectHttp2(gateway.url)
  await askHttp2(session, { ...headers, ':method': 'POST', ':path': '/v1/messages/batches' }, batchBody())
  const id = upstream.ids.at(-1) ?? ''
  upstream.end(id, [])

  const path = `/v1/messages/batches/${id}`
  const overHttp2 = await askHttp2(session, { ...headers, ':path': path })
  const overHttp1 = await new Promise<string>((resolve, reject) => {
    const options = { ca: testCertificate.certificate, headers, agent: false }
    const sent = get(gateway.url + path, options, (response) => void text(response).then(resolve, reject))
    sent.on('error', reject)
  })

  expect(gateway.url).toMatch(/^https:/)
  expect([overHttp2.text, overHttp1]).toEqual(Array(2).fill(batchText(id, 'ended', gateway.url)))
})

test("points results_url to the gateway, under the client's own prefix, and changes no other byte", async () => {
  const both = await startBoth({ hosts: ['claude.example'] })
  const id = await createBatch(both)
  both.upstream.end(id, [])

  const answer = await sendRequest(both.gateway, 'GET', `/team/v1/messages/batches/${id}`)
  const behindTls = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}`, {
    headers: { host: 'claude.example', 'x-forwarded-proto': 'https' },
  })

  expect(answer.text).toBe(batchText(id, 'ended', `${both.gateway.url}/team`))
  expect(behindTls.text).toBe(batchText(id, 'ended', 'https://claude.example'))
})
