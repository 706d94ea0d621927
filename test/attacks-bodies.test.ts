import { describe, expect, test } from 'vitest'

import { startCrowd } from './attack-client.ts'
import type { Target } from './attack-client.ts'
import type { BodiesSetup, CrowdAnswer } from './attack-crowd.ts'
import { call, heldBodyBytes, megabyte, useGateway } from './attack-rig.ts'

describe.each([
  ['HTTP/1.1 in clear text', { speech: 'http1', tls: false }, 400],
  ['HTTP/2 in clear text', { speech: 'http2', tls: false }, 400],
  ['HTTP/1.1 over TLS', { speech: 'http1', tls: true }, 100],
  ['HTTP/2 over TLS', { speech: 'http2', tls: true }, 100],
] as const)('%s', (_, kind, count) => {
  const { target, attack } = useGateway(kind, { requestMs: 60_000, lingerMs: 5_000 })

  test(`survives ${count} concurrent bodies of 32 MB`, async () => {
    await attack(async () => {
      const answers = await sendBodies(target(), { kind: 'bodies', count, bodyBytes: 32 * megabyte })
      // 529: too many bodies are held; 404: it was read, but the model is unknown; 0: it took longer than the linger time.
      expect(Object.keys(answers).filter((status) => !['0', '404', '529'].includes(status))).toEqual([])
      expect(answers['529']).toBeGreaterThan(0)
    }, heldBodyBytes)
  })
})

describe('HTTP/1.1 in clear text', () => {
  const { target, attack } = useGateway({ tls: false, speech: 'http1' }, { requestMs: 60_000 })

  test('survives a body of 4 MB in chunks of one byte', async () => {
    await attack(async () => {
      const answers = await sendBodies(target(), { kind: 'crumbs', count: 1, bodyBytes: 4 * megabyte })
      // It was read completely, but the model is unknown.
      expect(answers).toEqual({ 404: 1 })
    }, 4 * megabyte)
  })
})

async function sendBodies(
  target: Target,
  sending: Pick<BodiesSetup, 'kind' | 'count' | 'bodyBytes'>,
): Promise<CrowdAnswer> {
  const setup: BodiesSetup = { ...sending, target, headers: call }
  const crowd = startCrowd<CrowdAnswer>(setup)
  try {
    return await crowd.answer
  } finally {
    await crowd.end()
  }
}
