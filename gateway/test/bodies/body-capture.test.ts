import { array, assert, constantFrom, integer, oneof, property } from 'fast-check'
import { expect, test } from 'vitest'

import { createBodyCapture } from '../../src/bodies/body-capture.ts'
import { emptyIndex } from './opened-bodies.ts'

test('every order of events gives back the memory that a call has taken', () => {
  const steps = array(
    oneof(
      constantFrom('begin', 'head', 'keep', 'drop'),
      integer({ min: 0, max: 400 }), // The bytes of a chunk.
    ),
  )
  assert(
    property(steps, integer({ min: 0, max: 2_000 }), (given, room) => {
      let held = 0
      const capture = createBodyCapture(
        { body: Buffer.alloc(300), index: emptyIndex },
        {
          maxBytes: 500,
          reserve(bytes) {
            if (held + bytes > room) return false
            held += bytes
            return true
          },
          free: (bytes) => (held -= bytes),
          store(stored, reservedBytes) {
            const pieces = stored.answer?.pieces ?? []
            const bytes = pieces.reduce(
              (sum, piece) => sum + piece.byteLength,
              stored.request.bytes.byteLength,
            )
            expect(reservedBytes).toBeGreaterThanOrEqual(bytes)
            held -= reservedBytes
          },
          countDropped: () => {},
        },
      )

      for (const step of given) {
        if (typeof step === 'number') capture.chunk(Buffer.alloc(step))
        else capture[step](true)
        expect(held).toBeGreaterThanOrEqual(0)
      }
      capture.drop()

      expect(held).toBe(0)
    }),
  )
})
