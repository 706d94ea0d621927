import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createBodyReader } from '../../src/http/body.ts'
import type { ClientRequest } from '../../src/http/client-exchange.ts'
import { defaultLimits } from '../../src/limits.ts'
import { until } from '../condition.ts'

test('joins a body to the bytes that came, whatever pieces they came in', async () => {
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

test('counts a body as given back once, however often it is', async () => {
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

test('a body that announces its size takes nothing of what is reserved for small ones, from its first byte on', async () => {
  const reader = createBodyReader({ ...defaultLimits, heldBodyBytes: 6_400_000 })
  await reader.read(createRequest([new Uint8Array(6_300_000)]))

  const large = reader.read(createRequest([new Uint8Array(1)], { 'content-length': '900000' }))

  await expect(large).rejects.toMatchObject({ code: 'overloaded', limit: 'heldBodyBytes' })
})

test('keeps of what was read with a body no more than the body', async () => {
  const reader = createBodyReader(defaultLimits)
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers

  // As HTTP/2 gives them: a part of all that one read of the connection brought.
  const requests = Array.from({ length: 1_000 }, () => {
    const request = createRequest([])
    void reader.read(request)
    for (const length of [100, 1, 1]) request.emit('data', Buffer.alloc(65_536).subarray(0, length))
    return request
  })

  expect(reader.heldBytes).toBe(102_000)
  // What is collected is given back by another thread, in its own time.
  await until('nothing else is kept', () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers - before < 1_000_000
  })
  expect(requests).toHaveLength(1_000)
})

test('gives the memory of pieces back when they are joined, but not what they share with something else', async () => {
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

/** What nobody refers to any more must not be measured. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  // With the flag every new context has this function.
  const collect = runInNewContext('gc') as () => void
  collect()
}

/** What the reader reads of a request: its headers, and the body as it comes. */
function createRequest(
  pieces: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): ClientRequest {
  // Each in memory of its own, as a parser of HTTP gives them.
  const stream = Readable.from(
    pieces.map((piece) => {
      const own = Buffer.allocUnsafeSlow(piece.length)
      own.set(piece)
      return own
    }),
  )
  // Of a request the reader looks at nothing else.
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json', ...headers },
  }) as unknown as ClientRequest
}
