import type { IncomingMessage } from 'node:http'
import { text as readText } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { open } from '../../gateway/test/http-client.ts'
import { localKey } from '../../gateway/test/running-gateway.ts'
import { cloudNames, model, startCloud } from './clouds.ts'

/** Amazon Bedrock generates and bills a stream to its end, whether anybody reads it or not (BerriAI/litellm#36008). */
const billedToTheEnd: ReadonlySet<string> = new Set(['invoke', 'messages', 'mantle'])

test.each(cloudNames)(
  'a client that disconnects from a stream of %s pays what the platform bills',
  async (cloud) => {
    const { gateway } = await startCloud(cloud, { tokensPerSecond: 100 })
    const startStream = () =>
      open(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'anthropic-version': '2023-06-01',
          'x-api-key': localKey,
        },
        body: JSON.stringify({
          model,
          max_tokens: 60,
          stream: true,
          messages: [{ role: 'user', content: 'Why is the sky blue?' }],
        }),
      })
    await readText((await startStream()).response)
    const { response } = await startStream()
    await readUntilText(response)
    response.destroy()

    await expect.poll(() => gateway.rows()[1]?.['outcome'], { timeout: 10_000 }).toBe('client_closed')
    const [complete, row] = gateway.rows()
    const outputOfAll = Number(complete?.['output_quantity'])
    expect(outputOfAll).toBeGreaterThan(20)
    expect(row?.['usage_source']).toBe(billedToTheEnd.has(cloud) ? 'final' : 'estimated')
    const output = Number(row?.['output_quantity'])
    if (billedToTheEnd.has(cloud)) expect(output).toBe(outputOfAll)
    else expect(output).toBeLessThan(outputOfAll)
    expect(Number(row?.['cost_nano_usd'])).toBeGreaterThan(0)
  },
)

/** Leaves the connection open. */
function readUntilText(response: IncomingMessage): Promise<void> {
  let text = ''
  return new Promise((resolve) => {
    response.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('text_delta')) resolve()
    })
  })
}
