import { once } from 'node:events'
import { connect } from 'node:http2'

import { expect, test } from 'vitest'

import { parseConfig } from '../../src/config/parse-config.ts'
import { limitRows } from '../../src/limits.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

test('a gateway with the maximum of every limit answers, over both versions of HTTP', async () => {
  const warnings: string[] = []
  const warned = ({ message: text }: Error) => void warnings.push(text)
  process.on('warning', warned)
  const lines = limitRows.map(({ configName, max }) => `  ${configName}: ${max}`)
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
  // Node prints a warning about a timer that is too long, and fires it immediately.
  expect(warnings).toEqual([])
})

test.each([
  ['queue_ms', 604_800_001, 604_800_000],
  ['call_ms', 3_000_000_000, 604_800_000],
  ['header_bytes', 4_294_967_296, 2_147_483_647],
  ['concurrent_calls', 1e10, 2_147_483_647],
  ['held_body_bytes', 1e300, Number.MAX_SAFE_INTEGER],
])('rejects %s of %d, above the maximum', (name, value, max) => {
  const parsing = () => parseConfig(`limits: { ${name}: ${value} }`, 'anthology.yaml', {})

  expect(parsing).toThrow(`limits.${name}: must be <= ${max}`)
})
