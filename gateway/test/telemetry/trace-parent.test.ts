import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseTraceParent, printTraceParent } from '../../src/telemetry/trace-parent.ts'

// The examples of the W3C page, "Examples of HTTP traceparent Headers".
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test('reads the examples of the specification', () => {
  expect(parseTraceParent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, traceFlags: 1 })
  expect(parseTraceParent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId, traceFlags: 0 })
})

test('reads only the sampled flag', () => {
  expect(parseTraceParent(`00-${traceId}-${spanId}-ff`)).toMatchObject({ traceFlags: 1 })
  expect(parseTraceParent(`00-${traceId}-${spanId}-fe`)).toMatchObject({ traceFlags: 0 })
})

test('reads a later version with more fields after the flags', () => {
  expect(parseTraceParent(`cc-${traceId}-${spanId}-01-what-the-future-will-be-like`)).toMatchObject({
    spanId,
  })
})

test.each([
  ['is absent', undefined],
  ['came twice', [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01`]],
  ['came twice and was joined', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
  ['is empty', ''],
  ['has a version that is forbidden', `ff-${traceId}-${spanId}-01`],
  ['has more than its version allows', `00-${traceId}-${spanId}-01-more`],
  ['has a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
  ['has a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['has capital letters', `00-${traceId.toUpperCase()}-${spanId}-01`],
  ['is too short', `00-${traceId}-${spanId.slice(1)}-01`],
  ['is very long', `cc-${traceId}-${spanId}-01-${'x'.repeat(1_000)}`],
])('starts a new trace if the header %s', (_, header) => {
  expect(parseTraceParent(header)).toBeNull()
})

test('prints a header as read, except version and unknown flags', () => {
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
      .map((digits) => digits.join(''))
      .filter((text) => !/^0+$/.test(text))

  fc.assert(
    fc.property(hex(32), hex(16), fc.constantFrom(0, 1), (trace, span, flags) => {
      const parent = { traceId: trace, spanId: span, traceFlags: flags }

      expect(parseTraceParent(printTraceParent(parent))).toEqual(parent)
    }),
  )
})
