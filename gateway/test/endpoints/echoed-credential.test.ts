import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { plain, startUpstream } from '../recording-upstream.ts'
import { createBatch, sendRequest, startBoth, succeeded } from '../resources/batches.ts'
import { startGateway, upstreamKey } from '../running-gateway.ts'

const headers = {
  'content-disposition': `attachment; filename="${upstreamKey}"`,
  'x-anthology-notice': upstreamKey,
  'request-id': upstreamKey,
}

const result = `${succeeded(upstreamKey, { model: upstreamKey, text: upstreamKey })}\n`

test('a credential that an upstream echoes in a batch or its results is neither sent nor stored', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  await both.gateway.close()
  const batch = `{"id":"${id}","processing_status":"ended","note":"${upstreamKey}"}`
  const upstream = await startUpstream((response, request) =>
    plain(request.target.endsWith('/results') ? result : batch, { headers })(response, request),
  )
  const { dataFolder } = both.gateway
  const gateway = await startGateway({ upstreamUrl: upstream.url, dataFolder })

  const answers = [
    await sendRequest(gateway, 'GET', `/v1/messages/batches/${id}`),
    await sendRequest(gateway, 'GET', '/v1/messages/batches'),
    await sendRequest(gateway, 'GET', `/v1/messages/batches/${id}/results`),
  ]
  await gateway.close()

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers[2]?.text).toBe(result.replaceAll(upstreamKey, '[redacted]'))
  expect(JSON.stringify([answers.map((answer) => [answer.headers, answer.text]), gateway.log])).not.toContain(
    upstreamKey,
  )
  expect(gateway.rows()).toHaveLength(1)
  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  for (const { name, parentPath } of files)
    expect(readFileSync(join(parentPath, name), 'latin1'), name).not.toContain(upstreamKey)
})

test('a batch whose new id is the credential is not recorded', async () => {
  const upstream = await startUpstream(plain(`{"id":"${upstreamKey}","type":"message_batch"}`))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    body: '{"requests":[{"custom_id":"a","params":{"model":"claude-opus-4-1","max_tokens":1,"messages":[]}}]}',
  })

  expect(answer.status).toBe(502)
  expect(answer.text).toContain('sent an object without an id')
})
