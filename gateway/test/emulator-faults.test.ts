import { createEmulator } from '@anthology/emulator'
import type { Emulator, Fault } from '@anthology/emulator'
import { decodeSse } from '@anthology/wire'
import { expect, test } from 'vitest'

import { startGateway } from './running-gateway.ts'
import type { RunningGateway } from './running-gateway.ts'

const call = { model: 'claude-opus-4-1', max_tokens: 100, messages: [{ role: 'user', content: 'Hi!' }] }
const plain = JSON.stringify(call)
const streamed = JSON.stringify({ ...call, stream: true })

// The fault is in an emulator that this process hands to the gateway as an upstream.
const classified: readonly (readonly [title: string, fault: Fault, plainStatus: number, outcome: string])[] =
  [
    ['a cut', { cut: true }, 502, 'upstream_aborted'],
    ['a cut before the first byte of the body', { cut: { after_bytes: 0 } }, 502, 'upstream_aborted'],
    ['a reset', { reset: true }, 502, 'upstream_aborted'],
    ['a reset in the middle', { reset: { after_bytes: 100 } }, 502, 'upstream_aborted'],
    ['an overload', { overloaded: true }, 529, 'upstream_error'],
    ['a rate limit', { rate_limit: true }, 429, 'upstream_error'],
    ['a server error', { status: 500 }, 500, 'upstream_error'],
  ]

test.each(classified)('%s of a plain answer is classified', async (_, fault, status, outcome) => {
  const { gateway, emulator } = await startBoth()
  // A refusal that may pass is asked about once more. After any other fault the call may have been billed.
  const asked = status === 529 || status === 500 ? 2 : 1
  emulator.failNext(fault, asked)

  const answer = await gateway.post(plain)
  const next = await gateway.post(plain)

  expect([answer.status, next.status]).toEqual([status, 200])
  expect(gateway.rows()).toMatchObject([
    { outcome, status, attempts: asked },
    { outcome: 'answered', status: 200 },
  ])
  expect(emulator.requests).toHaveLength(asked + 1)
})

test.each<readonly [string, Fault, readonly string[]]>([
  ['cut', { cut: { after_events: 4 } }, ['content_block_delta', 'error']],
  ['cut inside an event', { cut: { after_events: 4, inside: 'line' } }, ['content_block_delta', 'error']],
  ['reset', { reset: { after_events: 4 } }, ['content_block_delta', 'error']],
  ['without message_stop', { missing: 'message_stop' }, ['message_delta', 'error']],
])('a stream that is %s ends with an error event, and its row says so', async (_, fault, last) => {
  const { gateway, emulator } = await startBoth()
  emulator.failNext(fault)

  const { status, text } = await gateway.post(streamed)
  const events = decodeSse(new TextEncoder().encode(text)).map(({ event }) => event)

  expect(status).toBe(200)
  expect(events.slice(-2)).toEqual(last)
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('an error event of the upstream is passed on with its words', async () => {
  const { gateway, emulator } = await startBoth()
  emulator.failNext({ error_event: 'overloaded_error', error: 'No tea.', after_events: 3 })

  const { text } = await gateway.post(streamed)
  const last = decodeSse(new TextEncoder().encode(text)).at(-1)

  expect(last?.event).toBe('error')
  expect(JSON.parse(last?.data ?? '')).toMatchObject({
    error: { type: 'overloaded_error', message: expect.stringContaining('No tea.') },
  })
})

test('a stalled answer ends by the timeout of the gateway', async () => {
  const emulator = createEmulator()
  const gateway = await start(emulator, { callMs: 300 })
  emulator.failNext({ stall: true })

  expect((await gateway.post(plain)).status).toBe(504)
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 504 }])
})

async function startBoth(): Promise<{ readonly gateway: RunningGateway; readonly emulator: Emulator }> {
  const emulator = createEmulator()
  return { gateway: await start(emulator), emulator }
}

function start(emulator: Emulator, limits = {}): Promise<RunningGateway> {
  const account = { name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] } as const
  return startGateway({ accounts: [account], limits })
}
