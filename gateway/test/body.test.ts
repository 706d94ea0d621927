import { Readable } from 'node:stream'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createBodyReader } from '../src/body.ts'
import type { ClientRequest } from '../src/exchange.ts'
import { defaultLimits } from '../src/limits.ts'

test('joins a body to the bytes that came, whatever pieces they came in', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9_000 }), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(pieces, async (given) => {
      const reader = createBodyReader(defaultLimits)

      const body = await reader.read(requestOf(given))

      expect(Buffer.compare(body.bytes, Buffer.concat(given))).toBe(0)
      expect(reader.heldBytes).toBe(body.bytes.length)
      body.release()
      expect(reader.heldBytes).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('keeps room for small bodies when large ones fill the rest', async () => {
  const reader = createBodyReader({ ...defaultLimits, heldBodyBytes: 1_000_000, reservedBodyBytes: 200_000 })
  await reader.read(requestOf([new Uint8Array(700_000)]))

  const large = reader.read(requestOf([new Uint8Array(150_000)]))
  await expect(large).rejects.toMatchObject({ code: 'overloaded', limit: 'reservedBodyBytes' })
  const small = await reader.read(requestOf([new Uint8Array(60_000)]))

  expect(small.bytes.length).toBe(60_000)
})

test('does not keep what is reserved from large bodies where there is little room at all', async () => {
  const reader = createBodyReader({ ...defaultLimits, heldBodyBytes: 100_000 })

  const body = await reader.read(requestOf([new Uint8Array(70_000)]))

  expect(body.bytes.length).toBe(70_000)
})

/** What the reader reads of a request: its headers, and the body as it comes. */
function requestOf(pieces: readonly Uint8Array[]): ClientRequest {
  const stream = Readable.from(pieces.map((piece) => Buffer.from(piece)))
  // Of a request the reader looks at nothing else.
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json' },
  }) as unknown as ClientRequest
}
