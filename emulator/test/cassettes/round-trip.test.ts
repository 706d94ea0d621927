import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createFolder, protocols, readFolder, record, replay, send } from './rig.ts'

describe('a recording is replayed with the same bytes', () => {
  test.each(protocols)('%s', async (_, create) => {
    const folder = createFolder()
    const proxy = await record(folder)
    const question = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => /\S/.test(text))
    await fc.assert(
      fc.asyncProperty(question, async (text) => {
        const recorded = await send(proxy, create(text))
        const replayed = await send(await replay(folder), create(text))

        expect(recorded.status).toBe(200)
        expect(replayed.bytes.equals(recorded.bytes)).toBe(true)
        expect([replayed.status, replayed.type, replayed.notice]).toEqual([200, recorded.type, null])
      }),
      { numRuns: 12 },
    )
  })

  test('errors too, in the shape of their protocol', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const calls = protocols.map(([, create]) => {
      const { body, ...call } = create('Hello!')
      return { ...call, body: { ...(body as object), max_tokens: -1, inferenceConfig: { maxTokens: -1 } } }
    })
    const recorded = []
    for (const call of calls) recorded.push(await send(proxy, call))
    const player = await replay(folder)

    for (const [index, call] of calls.entries()) {
      const { status, text } = await send(player, call)
      expect({ status, text }).toEqual({ status: recorded[index]?.status, text: recorded[index]?.text })
      expect(status).toBe(400)
    }
  })

  test('one conversation is one file, whose texts can be read', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const { text } = await send(proxy, protocols[0]?.[1]('What is an anthology?') ?? { path: '', body: null })
    await send(proxy, protocols[5]?.[1]('What is an anthology?') ?? { path: '', body: null })
    const [name, file] = Object.entries(readFolder(folder))[0] ?? []

    expect(Object.keys(readFolder(folder))).toHaveLength(1)
    expect(name).toMatch(/^what-is-an-anthology-[0-9a-f]{8}\.yaml$/)
    expect(file).toContain("last_user: 'What is an anthology?'")
    expect(file).toContain(text.replaceAll("'", "''"))
    // The events of the binary stream, not their base64.
    expect(file).toContain('"type":"content_block_delta"')
  })
})
