import { decodeSse } from '@anthology/wire'
import { expect, test } from 'vitest'

import { charactersPerToken } from '../../src/calls/hidden-thinking.ts'
import { startUpstream, stream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import { delta, eventStream } from '../samples.ts'
import { createBody, startWithBudgets, sumRows } from './budget-calls.ts'

const longAnswer = {
  max_tokens: 60_000,
  stream: true,
  messages: [{ role: 'user', content: 'Write 3000 words about rivers.' }],
}

test('a stream that reaches the line of its budget ends well-formed with max_tokens, and says why', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: '0.005', window: 'day' }] },
  })

  const answer = await gateway.post(createBody(longAnswer))

  expect(answer.status).toBe(200)
  const events = decodeSse(answer.body).map(({ data }) => JSON.parse(data) as Record<string, unknown>)
  const types = events.map(({ type }) => String(type)).filter((type) => type !== 'ping')
  expect(types[0]).toBe('message_start')
  expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop'])
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' } })
  expect(answer.text).toMatch(/^: the answer was cut: This request would exceed the budget of organization/m)
  const [row] = gateway.rows()
  expect(row).toMatchObject({
    outcome: 'answered',
    stop_reason: 'max_tokens',
    error_type: 'budget_exceeded',
    usage_source: 'estimated',
  })
  expect(sumRows(gateway)).toBeLessThanOrEqual(5_000_000)
  expect(Number(row?.['output_quantity'])).toBeGreaterThan(100)
})

test('of events that come together, those pass for which the budget has money', async () => {
  const [begin = '', open = ''] = eventStream.split(/(?<=\n\n)/)
  const upstream = await startUpstream(stream([begin + open + delta(40).repeat(300)]))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    budgets: { budgets: [{ scope: 'organization', limit: '0.02', window: 'day' }] },
  })

  const answer = await gateway.post(createBody(longAnswer))

  // The hold counts a token for two bytes: 20 tokens of 0.000005 US dollars for each of them.
  const passed = answer.text.split('"text_delta"').length - 1
  expect(passed).toBeGreaterThan(190)
  expect(passed).toBeLessThanOrEqual(200)
  expect(answer.text).toContain('"stop_reason":"max_tokens"')
})

test('hidden thinking counts towards the budget of a stream that is cut, and ends one whose budget is too small for it', async () => {
  const signature = 'Eq'.repeat(2_000)
  const [begin = ''] = eventStream.split(/(?<=\n\n)/)
  const thinking = [
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}\n\n',
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"${signature}"}}\n\n`,
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  ]
  const upstream = await startUpstream(stream([begin, ...thinking]))
  const start = (limit: string) =>
    startGateway({
      upstreamUrl: upstream.url,
      budgets: { budgets: [{ scope: 'organization', limit, window: 'day' }] },
    })
  const [rich, poor] = await Promise.all([start('0.02'), start('0.002')])

  await rich.post(createBody(longAnswer))
  const cut = await poor.post(createBody(longAnswer))

  expect(rich.rows()).toMatchObject([
    {
      outcome: 'upstream_aborted',
      usage_source: 'estimated',
      output_quantity: signature.length / charactersPerToken,
    },
  ])
  expect(cut.text).not.toContain('signature_delta')
  expect(poor.rows()).toMatchObject([{ stop_reason: 'max_tokens', error_type: 'budget_exceeded' }])
  expect(sumRows(poor)).toBeLessThanOrEqual(2_000_000)
})

test('a large max_tokens alone never refuses a stream, but a plain call holds all that it may cost', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: '0.01', window: 'day' }] },
  })

  const plain = await gateway.post(createBody({ max_tokens: 60_000 }))
  const streamed = await gateway.post(createBody({ max_tokens: 60_000, stream: true }))

  expect(plain.status).toBe(429)
  expect(streamed.status).toBe(200)
  expect(streamed.text).toContain('event: message_stop')
})
