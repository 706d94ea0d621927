import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Cut, Emulator, Fault } from '../../src/index.ts'
import { calls, receive, send } from './calls.ts'
import type { ProtocolCall, Received } from './calls.ts'

/** Two emulators with these options answer alike. */
const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }
const answers = new Map<string, Promise<Received>>()

test('any fault of any call ends it as it says, after a prefix of the normal answer, and the next call is normal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...calls), anyFault(), async (call, fault) => {
      const emulator = createEmulator(options)
      const normal = await getNormal(call)
      const received = await observe(emulator, call, fault)

      checkEnd(call, fault, { received, normal })
      const next = await send(emulator, call.request)
      expect([next.status, next.failure]).toEqual([200, null])
      expect(stripVarying(next)).toBe(stripVarying(normal))
    }),
    { numRuns: 300 },
  )
})

/** The answer without a fault. */
function getNormal(call: ProtocolCall): Promise<Received> {
  const known = answers.get(call.name) ?? send(createEmulator(options), call.request)
  answers.set(call.name, known)
  return known
}

/** A stalled call is still open when a later one was answered; then the reset of the emulator ends it. */
async function observe(emulator: Emulator, call: ProtocolCall, fault: Fault): Promise<Received> {
  const reception = receive(emulator, call.request, fault)
  if (!fault.stall) return reception.ended
  await send(emulator, call.request)
  expect(reception.isOver()).toBe(false)
  emulator.reset()
  const { failure } = await reception.ended
  expect(failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
  return reception.ended
}

interface Pair {
  readonly received: Received
  readonly normal: Received
}

function checkEnd(call: ProtocolCall, fault: Fault, { received, normal }: Pair): void {
  const { status, bytes, failure } = received
  const isPrefix = normal.bytes.subarray(0, bytes.length).equals(bytes)
  const isError = [fault.status, fault.overloaded, fault.rate_limit].some((member) => member !== undefined)
  const broken = fault.cut ?? fault.reset
  if (fault.reset === true) expect([status, bytes.length]).toEqual([0, 0])
  if (broken !== undefined)
    expect(failure).toMatchObject({ code: fault.cut === undefined ? 'ECONNRESET' : 'UND_ERR_SOCKET' })
  else if (!fault.stall) expect(failure).toBeNull()

  if (isError || (fault.error_event !== undefined && !call.isStream)) {
    if (status !== 0) expect(status).toBeGreaterThanOrEqual(400)
    return
  }
  expect(status).toBe(fault.reset === true || isSilent(fault) ? 0 : 200)
  if (fault.wrong_usage === undefined) checkBody(call, fault, { received, normal }, isPrefix)
}

function isSilent({ stall, after_events: after = 0 }: Fault): boolean {
  return stall === true && after === 0
}

function checkBody(call: ProtocolCall, fault: Fault, { received, normal }: Pair, isPrefix: boolean): void {
  const { bytes } = received
  const { malformed, error_event: type, missing, cut, reset, stall } = fault
  if (malformed !== undefined) expect(bytes.equals(normal.bytes)).toBe(false)
  else if (type !== undefined) expect(isPrefix).toBe(false)
  else expect(isPrefix).toBe(true)
  if (missing !== undefined && call.isStream) expect(bytes.length).toBeLessThan(normal.bytes.length)
  const place = cut ?? reset
  if (!call.isStream && (place !== undefined || stall)) expect(bytes.length).toBeLessThan(normal.bytes.length)
  if (typeof place === 'object' && place.after_bytes !== undefined && place.inside === undefined)
    expect(bytes.length).toBe(Math.min(place.after_bytes, normal.bytes.length - (call.isStream ? 0 : 1)))
  const isWhole = [malformed, type, missing, place, stall].every((member) => member === undefined)
  if (isWhole) expect(bytes.equals(normal.bytes)).toBe(true)
}

/** Ids count up, and the padding of Bedrock's frames follows the request id. */
function stripVarying({ text, bytes }: Received): string | number {
  return bytes.includes(0) ? 'frames' : text.replaceAll(/(?:msg|req)_\w+/g, '')
}

function anyFault(): fc.Arbitrary<Fault> {
  const common = fc.record(
    {
      first_byte_ms: fc.integer({ min: 0, max: 3 }),
      headers: fc.constant({ 'x-cause': 'tea' }),
    },
    { requiredKeys: [] },
  )
  const streamed = fc.record(
    {
      between_events_ms: fc.constantFrom(0, 0, 1),
      wrong_usage: fc.constantFrom(true as const, { output_tokens: 5, input_tokens: -1 }),
    },
    { requiredKeys: [] },
  )
  const [after, place] = [fc.integer({ min: 0, max: 40 }), anyPlace()]
  const ending: fc.Arbitrary<Fault> = fc.oneof(
    fc.constant({}),
    fc.record({ cut: fc.oneof(fc.constant(true as const), place) }),
    fc.record({ reset: fc.oneof(fc.constant(true as const), place) }),
    fc.record({ stall: fc.constant(true as const), after_events: after }),
    fc.constant({ missing: 'message_stop' as const }),
    fc.record({ malformed: fc.constantFrom('json', 'frame', 'utf8'), after_events: after }),
    fc.record({ error_event: fc.constantFrom('overloaded_error', 'own_error'), after_events: after }),
  )
  const error: fc.Arbitrary<Fault> = fc.oneof(
    fc.record({
      status: fc.integer({ min: 400, max: 599 }),
      cut: fc.oneof(fc.constant(true as const), place),
    }),
    fc.record({ status: fc.integer({ min: 400, max: 599 }), error: fc.string() }),
    fc.record({ rate_limit: fc.constantFrom(...limits) }),
    fc.record({ overloaded: fc.constant(true as const), retry_after: fc.integer({ min: 0, max: 5 }) }),
  )
  const whole = fc.tuple(common, streamed, ending).map((parts): Fault => Object.assign({}, ...parts))
  const failed = fc.tuple(common, error).map((parts): Fault => Object.assign({}, ...parts))
  // An empty fault is refused.
  return fc.oneof({ weight: 3, arbitrary: whole }, failed).filter((fault) => Object.keys(fault).length > 0)
}

const limits = [true, 'requests', 'input_tokens', 'output_tokens'] as const

function anyPlace(): fc.Arbitrary<Cut> {
  const inside = fc.constantFrom('frame', 'utf8', 'escape', 'line')
  return fc.oneof(
    fc.record({ after_events: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ after_bytes: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({ inside }),
    fc.record({ after_events: fc.integer({ min: 0, max: 40 }), inside }),
    fc.record({ after_bytes: fc.integer({ min: 0, max: 20_000 }), inside }),
  )
}
