import { createEmulator, listenEmulator } from '@anthology/emulator'
import { describe, expect, onTestFinished, test } from 'vitest'

import {
  cloudNames,
  describeCloud,
  emulatorCredentials,
  regionalPremium,
  startBefore,
  startCloud,
} from './clouds.ts'
import type { CloudName } from './clouds.ts'
import { call, describeCount, post, protocolNames } from './protocols.ts'

const question = 'Why is the sky blue? "Quoted", \\ and é 😀'

describe.each(cloudNames)('behind %s', (cloud) => {
  test.each(protocolNames)('%s answers as with the Claude API, plain and streamed', async (protocol) => {
    const { gateway: direct } = await startCloud('anthropic')
    const { gateway } = await startCloud(cloud)

    for (const stream of [false, true]) {
      const expected = await call(direct.url, protocol, { text: question, stream })
      const answer = await call(gateway.url, protocol, { text: question, stream })

      expect(answer.status, answer.raw.text).toBe(200)
      expect(answer.text).toBe(expected.text)
      expect(answer.text.length).toBeGreaterThan(40)
      expect(answer.headers['content-type']).toBe(expected.headers['content-type'])
      expect(answer.headers['x-anthology-upstream']).toBe(cloud)
      expect(answer.headers['x-anthology-notice']).toBe(expected.headers['x-anthology-notice'])
    }
    const [row] = gateway.rows()
    const [own] = direct.rows()
    expect(row).toMatchObject({
      outcome: 'answered',
      usage_source: 'final',
      upstream: cloud,
      stop_reason: 'max_tokens',
    })
    expect(Number(row?.['cost_nano_usd'])).toBe(computeCost(row, regionalPremium[cloud]))
    expect([row?.['input_quantity'], row?.['output_quantity']]).toEqual([
      own?.['input_quantity'],
      own?.['output_quantity'],
    ])
    expect(gateway.rows()[1]).toMatchObject({ cost_nano_usd: row?.['cost_nano_usd'] ?? null })
    expect(String(row?.['upstream_request_id'])).toMatch(requestIds[cloud])
  })

  test('counts tokens for every API that does', async () => {
    const { gateway: direct } = await startCloud('anthropic')
    const { gateway } = await startCloud(cloud)

    for (const protocol of ['messages', 'invoke', 'vertex'] as const) {
      const { path, body } = describeCount(protocol, question)
      const expected = await post(direct.url + path, body)
      const answer = await post(gateway.url + path, body)

      expect([answer.status, answer.text], protocol).toEqual([200, expected.text])
    }
    expect(gateway.rows()).toEqual([])
  })
})

test('the tokens of a model that Bedrock does not count are counted by the next upstream', async () => {
  const emulator = createEmulator(emulatorCredentials)
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  const configs = (['invoke', 'messages', 'anthropic'] as const).map((cloud) =>
    describeCloud(cloud, server.url),
  )
  const gateway = await startBefore(configs)
  const body = { model: 'claude-opus-5', messages: [{ role: 'user', content: question }] }

  const answer = await post(`${gateway.url}/v1/messages/count_tokens`, body)

  expect([answer.status, answer.headers['x-anthology-upstream']], answer.text).toEqual([200, 'anthropic'])
  expect(emulator.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens'])
})

/** Haiku 4.5: $1 and $5 per million tokens; one tenth more in a region ("Pricing", October 2026). */
function computeCost(row: Readonly<Record<string, unknown>> | undefined, isRegional: boolean): number {
  const [input, output] = [Number(row?.['input_quantity']), Number(row?.['output_quantity'])]
  return isRegional ? input * 1_100 + output * 5_500 : input * 1_000 + output * 5_000
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const requestIds: Readonly<Record<CloudName, RegExp>> = {
  anthropic: /^req_/,
  invoke: uuid,
  messages: uuid,
  mantle: uuid,
  vertex: /^req_vrtx_/,
  foundry: /^req_/,
}
