import type { Message } from '@anthology/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findPython } from './python.ts'
import { startTarget } from './rig.ts'

const python = await findPython()

if (python.ok) {
  afterAll(() => python.close())

  describe.each(['emulator', 'gateway with emulator'] as const)(
    `the Python SDK ${python.version}, %s`,
    (way) => {
      let seen: Seen

      beforeAll(async () => {
        const target = await startTarget(way)
        try {
          // Our own script prints one object of this shape.
          seen = JSON.parse(await python.run('python-client.py', target.baseUrl, target.key)) as Seen
        } finally {
          await target.close()
        }
      })

      test('creates a message, whose prompt count_tokens counts alike', () => {
        const { message, counted } = seen.create

        expect(message).toMatchObject({ model: 'claude-opus-4-5-20251101', stop_reason: 'end_turn' })
        expect(getText(message)).toContain('Claude Opus 4.5')
        expect(counted).toBe(message.usage.input_tokens)
      })

      test('streams the same answer in pieces', () => {
        const { pieces, message } = seen.stream

        expect(pieces.length).toBeGreaterThan(5)
        expect(pieces.join('')).toBe(getText(seen.create.message))
        expect(message.content).toMatchObject([{ type: 'text', text: pieces.join('') }])
        expect(message.usage).toMatchObject({
          input_tokens: seen.create.message.usage.input_tokens,
          output_tokens: seen.create.message.usage.output_tokens,
        })
      })

      test('calls a tool, and uses its result', () => {
        expect(seen.tools).toMatchObject({
          stop_reason: 'tool_use',
          name: 'get_weather',
          input: { city: 'Lisbon' },
          answer: expect.stringContaining('18 degrees'),
        })
      })

      test('raises its own error classes', () => {
        expect(seen.errors).toEqual([
          { class: 'BadRequestError', status: 400, type: 'invalid_request_error', has_request_id: true },
          { class: 'NotFoundError', status: 404, type: 'not_found_error', has_request_id: true },
          { class: 'AuthenticationError', status: 401, type: 'authentication_error', has_request_id: true },
        ])
      })

      test('runs a batch to its results, and deletes it', () => {
        expect(seen.batches).toEqual({
          status: 'ended',
          succeeded: 2,
          results: { one: 'succeeded', two: 'succeeded' },
          is_listed: true,
          is_deleted: true,
        })
      })
    },
  )
} else {
  // Never skipped silently: the run reports that this client was not tested, and the reason.
  test(`the Python SDK is not driven: ${python.because}`, () => {
    expect(python.because).toMatch(/not here/)
  })
}

interface Seen {
  readonly create: { readonly message: Message; readonly counted: number }
  readonly stream: { readonly pieces: readonly string[]; readonly message: Message }
  readonly tools: Readonly<Record<string, unknown>>
  readonly errors: readonly unknown[]
  readonly batches: Readonly<Record<string, unknown>>
}

function getText({ content }: Message): string {
  return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('')
}
