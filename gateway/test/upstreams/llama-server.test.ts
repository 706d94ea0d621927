import { expect, test } from 'vitest'

import { findLocalEngine, localModel } from './local-engine.ts'

const engine = findLocalEngine()

if ('missing' in engine) {
  test(`did not ask a real local engine, because ${engine.missing}`, () => {
    expect(findLocalEngine()).toEqual(engine)
  })
} else {
  test(
    'a real llama-server answers a call, a stream and a token count under its own name',
    { timeout: 120_000 },
    async () => {
      const gateway = await engine.startGateway(['-c', '2048'])
      const body = { model: localModel, max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] }

      const whole = await gateway.post(JSON.stringify(body))
      const streamed = await gateway.post(JSON.stringify({ ...body, stream: true }))
      const counted = await gateway.post(JSON.stringify({ model: body.model, messages: body.messages }), {
        path: '/v1/messages/count_tokens',
      })

      expect(JSON.parse(whole.text)).toMatchObject({ type: 'message', role: 'assistant' })
      expect(streamed.text).toContain('event: message_start')
      expect(streamed.text).toContain('event: message_stop')
      expect(counted.status).toBe(200)
      expect(gateway.rows()).toMatchObject([
        { model: localModel, outcome: 'answered', cost_nano_usd: 0 },
        { model: localModel, outcome: 'answered', cost_nano_usd: 0 },
      ])
    },
  )
}
