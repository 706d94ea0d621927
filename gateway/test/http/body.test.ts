import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createBodyReader } from '../../src/http/body.ts'
import type { ClientRequest } from '../../src/http/client-exchange.ts'
import { defaultLimits } from '../../src/limits.ts'
import { until } from '../condition.ts'

test('joins the received bytes of a body, in whatever pieces they arrive', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9_000 }), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(pieces, async (given) => {
      const reader = createBodyReader(defaultLimits)

      const body = await reader.read(createRequest(given))

      expect(Buffer.compare(body.bytes, Buffer.concat(given))).toBe(0)
      expect(reader.heldBytes).toBe(body.bytes.length)
      body.release()
      expect(reader.heldBytes).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('releases a body only once, however often release is called', async () => {
  const reader = createBodyReader(defaultLimits)
  const [one] = [
    await reader.read(createRequest([new Uint8Array(100)])),
    await reader.read(createRequest([new Uint8Array(30)])),
  ]

  one.release()
  one.release()

  expect(reader.heldBytes).toBe(30)
})

test('keeps room for small bodies when large ones fill the rest', async () => {
  const reader = createBodyReader({ ...defaultLimits, heldBodyBytes: 6_400_000 })
  await reader.read(createRequest([new Uint8Array(6_200_000)]))

  const large = reader.read(createRequest([new Uint8Array(150_000)]))
  await expect(large).rejects.toMatchObject({ code: 'overloaded', limit: 'heldBodyBytes' })
  const small = await reader.read(createRequest([new Uint8Array(60_000)]))

  expect(small.bytes.length).toBe(60_000)
})

test('a large Content-Length never uses the reserve for small bodies, from the first byte on', async () => {
  const reader = createBodyReader({ ...defaultLimits, heldBodyBytes: 6_400_000 })
  await reader.read(createRequest([new Uint8Array(6_300_000)]))

  const large = reader.read(createRequest([new Uint8Array(1)], { 'content-length': '900000' }))

  await expect(large).rejects.toMatchObject({ code: 'overloaded', limit: 'heldBodyBytes' })
})

test('keeps no more memory than the body when a read contained more', async () => {
  const reader = createBodyReader(defaultLimits)
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers

  // As in HTTP/2: a slice of one large read of the connection.
  const requests = Array.from({ length: 1_000 }, () => {
    const request = createRequest([])
    void reader.read(request)
    for (const length of [100, 1, 1]) request.emit('data', Buffer.alloc(65_536).subarray(0, length))
    return request
  })

  expect(reader.heldBytes).toBe(102_000)
  // Another thread frees collected memory, at some later time.
  await until('nothing else is in memory', () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers - before < 1_000_000
  })
  expect(requests).toHaveLength(1_000)
})

test('frees the memory of joined pieces, except memory that they share', async () => {
  const reader = createBodyReader(defaultLimits)
  const shared = Buffer.allocUnsafeSlow(65_536).fill('s')
  const own = Array.from({ length: 3 }, () => Buffer.allocUnsafeSlow(65_536).fill('o'))
  const request = createRequest([])

  const reading = reader.read(request)
  for (const piece of [shared.subarray(1), ...own]) request.emit('data', piece)
  request.emit('end')
  const body = await reading

  expect(Buffer.from(body.bytes).toString()).toBe('s'.repeat(65_535) + 'o'.repeat(3 * 65_536))
  expect(own.map(({ length }) => length)).toEqual([0, 0, 0])
  expect(shared.toString()).toBe('s'.repeat(65_536))
})

/** Unreferenced memory must not be measured. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  // With the flag every new context has this function.
  const collect = runInNewContext('gc') as () => void
  collect()
}

/** The part of a request that the reader uses: headers and body chunks. */
function createRequest(
  pieces: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): ClientRequest {
  // Each chunk has its own memory, as from an HTTP parser.
  const stream = Readable.from(
    pieces.map((piece) => {
      const own = Buffer.allocUnsafeSlow(piece.length)
      own.set(piece)
      return own
    }),
  )
  // The reader uses nothing else of a request.
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json', ...headers },
  }) as unknown as ClientRequest
}
