import { Socket } from 'node:net'

import { expect, test } from 'vitest'

import type { ClientRequest, ClientResponse } from '../../src/http/client-exchange.ts'
import { createOtlpTracing } from '../../src/telemetry/otlp-tracing.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { callBody, message } from '../samples.ts'
import { startCollector } from './collector.ts'
import { startTraced } from './traced-gateway.ts'

test('serves calls and closes in time, however the collector fails', async () => {
  const upstream = await startUpstream(plain(message))
  const nowhere = { otlp_endpoint: 'http://127.0.0.1:1' }
  const gone = await startTraced({ upstreamUrl: upstream.url }, nowhere)
  const refusing = await startTraced({ upstreamUrl: upstream.url })
  const broken = await startTraced({ upstreamUrl: upstream.url })
  const silent = await startTraced({ upstreamUrl: upstream.url })
  refusing.collector.answer(400)
  broken.collector.answer(503)
  silent.collector.answer(null)
  const all = [gone, refusing, broken, silent]

  const answers = await Promise.all(all.map(({ gateway }) => gateway.post(callBody)))
  await Promise.all(all.map(({ gateway }) => gateway.close()))

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(silent.collector.requests.length).toBeGreaterThan(0)
  expect(refusing.gateway.log).toContainEqual(expect.objectContaining({ event: 'traces_failed' }))
})

test('queues a bounded number of spans, and drops the rest', async () => {
  const collector = await startCollector()
  const tracing = createOtlpTracing({ otlp_endpoint: collector.url }, () => {})
  const request = { headers: {}, socket: new Socket() } as ClientRequest // Only these members are read.
  const response = {} as ClientResponse

  for (let call = 0; call < 10_000; call += 1)
    tracing.begin({ id: `req_${call}`, request, response }, 'messages').fail(new Error('not even tried'))
  await tracing.close()

  const [metric] = tracing.getMetrics()
  const { ended, exported, failed } = Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => [String(labels['result']), value]),
  )
  expect([ended, failed]).toEqual([10_000, 0])
  // The first batch was in flight when the others filled the queue.
  expect(exported).toBe(4_096 + 512)
  expect(collector.spans.length).toBe(exported)
})
