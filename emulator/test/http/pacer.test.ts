import { describe, expect, test } from 'vitest'

import type { Receiver } from '@anthology/wire'

import { createEmulator } from '../../src/index.ts'
import {
  ask,
  assemble,
  collect,
  getMessage,
  parseEvents,
  createRequest,
  getText,
} from '../collecting-receiver.ts'

const long = ask('Write 3000 tokens about rivers', { max_tokens: 3_000, stream: true })

describe('a receiver', () => {
  test('is not called before send has returned', async () => {
    let hasReturned = false
    let heardEarly = false
    const ended = new Promise<void>((resolve) => {
      createEmulator().send(createRequest({ body: long }), {
        ...silent,
        head: () => {
          heardEarly = !hasReturned
        },
        end: resolve,
      })
      hasReturned = true
    })

    await ended

    expect(heardEarly).toBe(false)
  })

  test('that pauses after every chunk receives the same response', async () => {
    const emulator = createEmulator()
    const parts: Uint8Array[] = []
    let pauses = 0
    let isPaused = false
    let heardInPause = false
    await new Promise<void>((resolve, reject) => {
      const handle = emulator.send(createRequest({ body: long }), {
        head: () => {},
        chunk: (bytes) => {
          heardInPause ||= isPaused
          parts.push(bytes)
          pauses += 1
          isPaused = true
          // Resumes some iterations later; a source that ignores the pause would send before that.
          setImmediate(() =>
            setImmediate(() => {
              isPaused = false
              handle.resume()
            }),
          )
          return false
        },
        end: resolve,
        fail: reject,
      })
    })

    const streamed = assemble(parseEvents(Buffer.concat(parts)))
    expect(heardInPause).toBe(false)
    expect(pauses).toBeGreaterThan(10)
    expect(getText(streamed)).toBe(getText(await getMessage(emulator, { ...long, stream: false })))
  })

  test('that resumes inside a chunk call continues once', async () => {
    const parts: Uint8Array[] = []
    await new Promise<void>((resolve, reject) => {
      const handle = createEmulator().send(createRequest({ body: long }), {
        head: () => {},
        chunk: (bytes) => {
          parts.push(bytes)
          handle.resume()
          return false
        },
        end: resolve,
        fail: reject,
      })
    })

    expect(parseEvents(Buffer.concat(parts)).at(-1)?.type).toBe('message_stop')
  })

  test('that aborts at any chunk is not called afterwards', async () => {
    for (const abortAt of [0, 1, 3]) {
      let heard = 0
      let afterwards = 0
      await new Promise<void>((resolve) => {
        const count = (): void => {
          heard += 1
          if (heard > abortAt + 1) afterwards += 1
          if (heard !== abortAt + 1) return
          handle.abort()
          setImmediate(() => setImmediate(() => setImmediate(resolve)))
        }
        const handle = createEmulator().send(createRequest({ body: long }), {
          head: count,
          chunk: () => {
            count()
            return true
          },
          end: count,
          fail: count,
        })
      })

      expect(afterwards).toBe(0)
    }
  })
})

test('a long response does not block the event loop', async () => {
  let schedule = 0
  let isOver = false
  const tick = (): void => {
    schedule += 1
    if (!isOver) setImmediate(tick)
  }
  setImmediate(tick)

  await collect(createEmulator(), { body: ask('Write 30000 tokens', { max_tokens: 30_000, stream: true }) })
  isOver = true

  expect(schedule).toBeGreaterThan(20)
})

describe('tokens per second', () => {
  test('pace a stream and a plain answer alike', async () => {
    const emulator = createEmulator({ tokensPerSecond: 1_000 })
    const body = ask('Write 200 tokens about rivers', { max_tokens: 100 })
    for (const stream of [true, false]) {
      const startMs = performance.now()

      await collect(emulator, { body: { ...body, stream } })

      expect(performance.now() - startMs).toBeGreaterThan(90)
    }
  })

  test('do not delay the head of a stream', async () => {
    const emulator = createEmulator({ tokensPerSecond: 1 })

    const status = await new Promise((resolve) => {
      const handle = emulator.send(createRequest({ body: long }), {
        ...silent,
        head: (given) => {
          handle.abort()
          resolve(given)
        },
      })
    })

    expect(status).toBe(200)
  })
})

const silent: Receiver = { head: () => {}, chunk: () => true, end: () => {}, fail: () => {} }
