import { once } from 'node:events'
import { connect } from 'node:http2'

import { expect, test } from 'vitest'

import { configSchema, limitNames } from '../../src/config/config-schema.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

test('a gateway with every limit as large as it may be answers, over both versions of HTTP', async () => {
  const warnings: string[] = []
  const warned = ({ message: text }: Error) => void warnings.push(text)
  process.on('warning', warned)
  const lines = [...limitNames.keys()].map((name) => `  ${name}: ${getMax(name)}`)
  const { limits = {} } = parseConfig(`limits:\n${lines.join('\n')}`, 'anthology.yaml', {})
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })

  const answer = await gateway.post(callBody)
  const session = connect(gateway.url)
  const [headers] = (await once(session.request({ ':path': '/healthz' }), 'response')) as [object]
  session.close()
  await gateway.close()
  process.off('warning', warned)

  expect(answer.status).toBe(200)
  expect(headers).toMatchObject({ ':status': 200 })
  // Node warns of a timer that is too long for it, and lets it go off at once.
  expect(warnings).toEqual([])
})

test.each([
  ['queue_ms', 604_800_001],
  ['call_ms', 3_000_000_000],
  ['stream_window_bytes', 4_294_967_296],
  ['concurrent_calls', 1e10],
  ['held_body_bytes', 1e300],
])('refuses %s of %d, which it could not hold', (name, value) => {
  const parsing = () => parseConfig(`limits: { ${name}: ${value} }`, 'anthology.yaml', {})

  expect(parsing).toThrow(`limits.${name}: must be <= ${getMax(name)}`)
})

function getMax(name: string): number {
  const { [name]: schema } = configSchema.properties.limits.properties
  return schema?.maximum ?? Number.NaN
}
