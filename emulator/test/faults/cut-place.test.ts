import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { findCall, send } from './calls.ts'
import type { ProtocolCall } from './calls.ts'

/** Two emulators with this clock answer alike. */
const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }

describe('a cut inside', () => {
  const messages = findCall('messages stream')
  const reply = { text: 'Plain words. A line\nbreak, and “quotes” of several bytes.' }
  const cutReply = (call: ProtocolCall, inside: 'utf8' | 'escape' | 'line' | 'frame', given = reply) =>
    send(createEmulator({ ...options, scenario: { version: 1, rules: [{ reply: given }] } }), call.request, {
      cut: { inside },
    })

  test('utf8 leaves a character incomplete', async () => {
    for (const name of [
      'messages',
      'messages stream',
      'openai stream',
      'vertex',
      'converse',
      'converse stream',
    ]) {
      const { bytes } = await cutReply(findCall(name), 'utf8')

      expect(bytes.at(-1), name).toBe(0xe2)
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), name).toThrow()
    }
  })

  test('escape ends with its backslash', async () => {
    for (const name of [
      'messages',
      'messages stream',
      'openai stream',
      'vertex',
      'converse',
      'converse stream',
    ])
      expect((await cutReply(findCall(name), 'escape')).text, name).toMatch(
        /(?:A line|"text":"|"content":")\\$/,
      )
  })

  test('escape does not take an escaped backslash for the start of one', async () => {
    const { text } = await send(
      createEmulator({ scenario: { version: 1, rules: [{ reply: { text: 'a\\\\b\nc' } }] } }),
      findCall('messages').request,
      { cut: { after_bytes: 101, inside: 'escape' } },
    )
    const body = text.slice(text.lastIndexOf('"text":"'))

    expect(body).toMatch(/^"text":"a(?:\\\\)*\\$/)
  })

  test('a line ends in its middle', async () => {
    const { text } = await cutReply(messages, 'line')

    expect(text).toMatch(/\ndata: \{[^\n]+$/)
    expect(text.split('\n\n')).toHaveLength(2)
  })

  test('a frame ends after the line with its name', async () => {
    expect((await cutReply(messages, 'frame')).text).toMatch(/\n\nevent: content_block_start\n$/)
  })

  test.each(['utf8', 'escape'] as const)('%s falls back to the next frame without one', async (inside) => {
    const plain = { text: 'Only plain words.' }

    for (const name of ['messages stream', 'openai stream', 'converse stream']) {
      const call = findCall(name)
      const { text } = await cutReply(call, inside, plain)
      expect(text, name).toBe((await cutReply(call, 'frame', plain)).text)
    }
    expect((await cutReply(findCall('messages'), inside, plain)).failure).not.toBeNull()
  })

  test('invoke is always inside the frame, because its texts are in base64', async () => {
    const call = findCall('invoke stream')
    const frame = await cutReply(call, 'frame')

    for (const inside of ['utf8', 'escape', 'line'] as const)
      expect((await cutReply(call, inside)).bytes).toEqual(frame.bytes)
  })
})
