import { expect, test } from 'vitest'

import type { FaultError } from '../../src/faults/fault-error.ts'
import { createEmulator } from '../../src/index.ts'
import { calls, findCall, listEvents, receive, send, streamedCalls } from './calls.ts'

const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }

test.concurrent.each(calls)(
  'first_byte_ms on $name delays the head, but no other call',
  async ({ request }) => {
    const emulator = createEmulator(options)
    const startMs = performance.now()
    const delayed = receive(emulator, request, { first_byte_ms: 1_000 })
    await send(emulator, request)

    expect([delayed.isOver(), delayed.sofar().status]).toEqual([false, 0])
    const { status, failure } = await delayed.ended
    expect([status, failure]).toEqual([200, null])
    // Timers of Node may be early by the rounding of a millisecond.
    expect(performance.now() - startMs).toBeGreaterThan(998)
  },
)

test.each(streamedCalls)('between_events_ms on $name sends each event on its own', async (call) => {
  const normal = await send(createEmulator(options), call.request)
  const startMs = performance.now()
  const delayed = await send(createEmulator(options), call.request, { between_events_ms: 4 })
  const events = listEvents(call, normal.bytes)

  expect(delayed).toMatchObject({ text: normal.text, failure: null })
  expect(performance.now() - startMs).toBeGreaterThan(3 * (events.length - 1))
})

test.concurrent.each([
  [{ status: 500 }, 500, undefined],
  [{ reset: true }, 0, 'ECONNRESET'],
  [{ cut: true }, 200, 'UND_ERR_SOCKET'],
] as const)('%j waits for the first byte too', async (fault, status, code) => {
  const { request } = findCall('messages')
  const emulator = createEmulator(options)
  const delayed = receive(emulator, request, { ...fault, first_byte_ms: 1_000 })
  await send(emulator, request)

  expect([delayed.isOver(), delayed.sofar().status]).toEqual([false, 0])
  const ended = await delayed.ended
  expect([ended.status, (ended.failure as FaultError | null)?.code]).toEqual([status, code])
})

test('an emulator with a pace sends the same bytes before a cut', async () => {
  for (const call of calls) {
    for (const fault of [{ cut: true }, { cut: { after_events: 6 } }, { missing: 'message_stop' }] as const) {
      const fast = await send(createEmulator(options), call.request, fault)
      const paced = await send(createEmulator({ ...options, tokensPerSecond: 3_000 }), call.request, fault)

      expect([paced.status, paced.text.length > 0], call.name).toEqual([200, true])
      if (call.protocol !== 'bedrock') expect(paced.text).toBe(fast.text)
    }
  }
})
