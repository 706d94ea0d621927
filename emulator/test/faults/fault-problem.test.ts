import { describe, expect, test } from 'vitest'

import { createEmulator, parseScenario } from '../../src/index.ts'
import type { Fault } from '../../src/index.ts'
import { findCall, send } from './calls.ts'

const contradictions: readonly (readonly [object, string])[] = [
  [{ status: 500, overloaded: true }, 'overloaded: contradicts status; give one of them'],
  [{ status: 503, rate_limit: true }, 'rate_limit: contradicts status; give one of them'],
  [{ overloaded: true, rate_limit: true }, 'rate_limit: contradicts overloaded; give one of them'],
  [{ cut: true, reset: true }, 'reset: contradicts cut; give one of them'],
  [{ stall: true, cut: true }, 'cut: contradicts stall; give one of them'],
  [
    { missing: 'message_stop', error_event: 'api_error' },
    'error_event: contradicts missing; give one of them',
  ],
  [{ malformed: 'json', missing: 'message_stop' }, 'malformed: contradicts missing; give one of them'],
  [
    { status: 500, error_event: 'api_error' },
    'error_event: needs a normal answer, and status answers with an error',
  ],
  [
    { overloaded: true, wrong_usage: true },
    'wrong_usage: needs a normal answer, and overloaded answers with an error',
  ],
  [
    { status: 500, between_events_ms: 5 },
    'between_events_ms: needs a normal answer, and status answers with an error',
  ],
  [{ status: 500, reset: true }, 'reset: true sends no answer, and status needs one'],
  [{ error: 'Oh.' }, 'error: needs status, overloaded, rate_limit or error_event'],
  [{ retry_after: 1, cut: true }, 'retry_after: needs status, overloaded, rate_limit or error_event'],
  [{ error_event: 'api_error', error: { type: 'x' } }, 'error.type: error_event is the type'],
  [{ cut: true, after_events: 3 }, 'after_events: stands inside cut or reset: cut: { after_events: 3 }'],
  [{ first_byte_ms: 5, after_events: 3 }, 'after_events: needs stall, malformed or error_event'],
  [
    { cut: { after_events: 1, after_bytes: 2 } },
    'cut.after_bytes: contradicts after_events; give one of them',
  ],
  [{ cut: false }, 'cut: must be true, or the place'],
  [{ reset: false }, 'reset: must be true, or the place'],
  [{ wrong_usage: false }, 'wrong_usage: must be true, or the figures'],
  [
    { headers: { 'Content-Length': '3' }, first_byte_ms: 1 },
    'headers.Content-Length: is set by the server; use cut to break a body',
  ],
]

describe('members that contradict each other', () => {
  test.each(contradictions)('%j is refused where a program uses it', (fault, message) => {
    const emulator = createEmulator()

    // The values of the table are faults for the schema, or nearly.
    expect(() => emulator.failNext(fault as Fault)).toThrow(message)
    expect(() => emulator.use({ fault })).toThrow(`fault.${message}`)
    expect(() => emulator.use({ steps: [{ fault }] })).toThrow(`steps.0.fault.${message}`)
  })

  test('are refused in the header with status 400, and in a file with line and column', async () => {
    for (const [fault, message] of contradictions) {
      const call = findCall('messages')
      const { status, text } = await send(createEmulator(), call.request, fault)
      const rule = `version: 1\nrules:\n  - fault: ${JSON.stringify(fault)}\n`

      expect([status, JSON.parse(text).error.message]).toEqual([400, `x-anthology-fault: ${message}`])
      expect(parseScenario(rule, 'scenario.yaml')).toEqual({
        ok: false,
        message: expect.stringMatching(/^scenario\.yaml:3:\d+: rules\.0\.fault\./),
      })
    }
  })
})

test.each<object>([
  { status: 529, overloaded: true },
  { status: 429, rate_limit: 'requests', retry_after: 0 },
  { status: 500, first_byte_ms: 5, cut: { after_bytes: 3 }, error: 'Oh.' },
  { status: 500, malformed: 'json' },
  { overloaded: true, stall: true },
  { first_byte_ms: 5, between_events_ms: 5, cut: true, wrong_usage: true, headers: { 'x-a': 'b' } },
  { error_event: 'overloaded_error', error: 'Oh.', retry_after: 1, after_events: 2 },
  { reset: { after_events: 2, inside: 'frame' } },
  { headers: { 'x-only': 'this' } },
])('%j is accepted', (fault) => {
  expect(() => createEmulator().failNext(fault as Fault)).not.toThrow()
})

test.each<readonly [object, string]>([
  [{ status: 200 }, 'status: must be >= 400'],
  [{ cut: { inside: 'word' } }, 'cut.inside: must be one of frame, utf8, escape, line'],
  [{ headers: { 'x-a': 'b\r\nx-c: d' } }, 'headers.x-a: must match pattern'],
  [{ headers: { 'x a': 'b' } }, 'headers: '],
  [{ status: 500, error: { type: 'two words' } }, 'error.type: must match pattern'],
  [{ first_byte_ms: 2 ** 31 }, 'first_byte_ms: must be <= 2147483647'],
  [{ overlaoded: true }, "unknown member 'overlaoded'"],
  [{}, 'is empty; it needs a member'],
])('%j is refused', (fault, message) => {
  expect(() => createEmulator().failNext(fault as Fault)).toThrow(message)
})

test.each([0, -1, 1.5, Number.NaN, Infinity])('a fault for %d requests is refused', (times) => {
  expect(() => createEmulator().failNext({ status: 529 }, times)).toThrow(
    'times must be an integer of at least 1',
  )
})
