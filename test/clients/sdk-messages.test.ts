import { beforeAll, describe, expect, test } from 'vitest'

import { makePdf, makePng } from './media.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { createClient, toFailure, sdks, getWireError } from './sdks.ts'

const combinations = sdks.flatMap((sdk) =>
  (['emulator', 'gateway with emulator'] as const).map((way) => ({ sdk, way, title: `${sdk.name}, ${way}` })),
)

describe.each(combinations)('$title', ({ sdk, way }) => {
  let target: Target
  let client: Client

  beforeAll(async () => {
    target = await startTarget(way)
    client = createClient(sdk, target)
    return () => target.close()
  })

  describe('the prompt cache', () => {
    test('is written, then read, and the rest counts as input', async () => {
      const asked = { ...hello, system: cached(longSystem(1), { type: 'ephemeral' }) }

      const first = (await client.messages.create(asked)).usage
      const second = (await client.messages.stream(asked).finalMessage()).usage

      const written = Number(first.cache_creation_input_tokens)
      expect(written).toBeGreaterThan(4_096)
      expect(first).toMatchObject({
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
      })
      expect(second).toMatchObject({
        input_tokens: first.input_tokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: written,
      })
      const { max_tokens: _, ...countable } = asked
      const counted = await client.messages.countTokens(countable)
      expect(counted.input_tokens).toBe(written + first.input_tokens)
    })

    test('is kept for an hour if requested', async () => {
      const asked = { ...hello, system: cached(longSystem(2), { type: 'ephemeral', ttl: '1h' }) }

      const first = (await client.messages.create(asked)).usage
      const second = (await client.messages.create(asked)).usage

      const written = Number(first.cache_creation_input_tokens)
      expect(written).toBeGreaterThan(4_096)
      expect(first.cache_creation).toEqual({
        ephemeral_5m_input_tokens: 0,
        ephemeral_1h_input_tokens: written,
      })
      expect(second.cache_read_input_tokens).toBe(written)
    })

    test('does not store a prompt below the minimum', async () => {
      const asked = { ...hello, system: cached('Be brief.', { type: 'ephemeral' }) }

      const { usage } = await client.messages.create(asked)

      expect(usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 })
    })

    test('accepts at most four breakpoints', async () => {
      const block = { type: 'text' as const, text: 'A part.', cache_control: { type: 'ephemeral' as const } }

      const error = await toFailure(
        client.messages.create({ ...hello, system: Array.from({ length: 5 }, () => block) }),
      )

      expect(getWireError(error).message).toBe(
        'A maximum of 4 blocks with cache_control may be provided. Found 5.',
      )
    })
  })

  describe('media', () => {
    test('an image is counted by its size', async () => {
      const small = await client.messages.create(show(makePng(28, 28)))
      const large = await client.messages.create(show(makePng(560, 280)))

      // One patch of 28 by 28 pixels is one token.
      expect(large.usage.input_tokens - small.usage.input_tokens).toBe(20 * 10 - 1)
      expect(large.stop_reason).toBe('end_turn')
    })

    test('an invalid image is rejected', async () => {
      const error = await toFailure(client.messages.create(show(Buffer.from('not a PNG').toString('base64'))))

      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error).type).toBe('invalid_request_error')
    })

    test('a PDF is counted by its pages', async () => {
      const usages = await Promise.all(
        [1, 2, 3].map(async (pages) => {
          const pdf = makePdf(Array.from({ length: pages }, (_, page) => `Page ${page + 1}`))
          return (await client.messages.create(read(pdf))).usage.input_tokens
        }),
      )

      const [one = 0, two = 0, three = 0] = usages
      expect(two - one).toBeGreaterThan(1_500)
      expect(three - two).toBe(two - one)
    })

    test('a PDF of 101 pages is rejected', async () => {
      const pdf = makePdf(Array.from({ length: 101 }, (_, page) => `Page ${page + 1}`))

      const error = await toFailure(client.messages.create({ ...read(pdf), model: 'claude-opus-4-1' }))

      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error).message).toContain('A maximum of 100 PDF pages may be provided.')
    })
  })

  describe('an answer', () => {
    test('has stop_reason refusal for the test string', async () => {
      const asked = { ...hello, messages: [{ role: 'user' as const, content: refusalTestString }] }

      const message = await client.messages.create(asked)
      const streamed = await client.messages.stream(asked).finalMessage()

      expect([message.stop_reason, streamed.stop_reason]).toEqual(['refusal', 'refusal'])
    })

    test('continues a prefilled response', async () => {
      const prefill = 'The sky is blue because'

      const message = await client.messages.create({
        ...hello,
        messages: [...hello.messages, { role: 'assistant', content: prefill }],
      })

      expect(getText(message)).toMatch(/\w/)
      expect(getText(message)).not.toContain(prefill)
    })
  })

  describe('a refused request', () => {
    test('names the invalid member', async () => {
      const requests = [
        { ...hello, messages: [] },
        { ...hello, max_tokens: 0.5 },
        { ...hello, colour: 'blue' },
        { ...hello, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
        { ...hello, stop_sequences: [' '] },
      ]

      const errors = await Promise.all(
        // Invalid on purpose, so the types do not allow it.
        requests.map((request) => toFailure(client.messages.create(request as unknown as typeof hello))),
      )

      for (const error of errors) expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(errors.map((error) => getWireError(error).message)).toEqual([
        'messages: at least one message is required',
        expect.stringMatching(/^max_tokens: Input should be a valid integer/),
        'colour: Extra inputs are not permitted',
        'messages: text content blocks must be non-empty',
        'stop_sequences: each stop sequence must contain non-whitespace',
      ])
    })

    test('may be too large', async () => {
      const content = 'a'.repeat(33 * 1024 * 1024)

      const error = await toFailure(
        client.messages.create({ ...hello, messages: [{ role: 'user', content }] }),
      )

      expect(error).toMatchObject({ status: 413 })
      expect(getWireError(error).type).toBe('request_too_large')
    })

    test('names an unknown beta', async () => {
      const error = await toFailure(
        client.beta.messages.create({ ...hello, betas: ['time-travel-2031-01-01'] }),
      )

      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error).message).toMatch(
        /^Unexpected value\(s\) `time-travel-2031-01-01` for the `anthropic-beta` header\./,
      )
    })
  })
})

const hello = {
  model: 'claude-opus-4-5',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

/** Published for tests on the page "Handle streaming refusals". */
const refusalTestString =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'

type Client = ReturnType<typeof createClient>

function getText(message: { content: readonly { type: string; text?: string }[] }): string {
  return message.content.map(({ text = '' }) => text).join('')
}

function cached(text: string, control: { type: 'ephemeral'; ttl?: '5m' | '1h' }) {
  return [{ type: 'text' as const, text, cache_control: control }]
}

/** About 8,000 tokens; another number makes another prompt. */
function longSystem(number: number): string {
  return `These are the rules of house number ${number}. ${'Always close the door behind you. '.repeat(900)}`
}

function show(png: string) {
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data: png }
  return {
    ...hello,
    messages: [
      {
        role: 'user' as const,
        content: [
          { type: 'image' as const, source },
          { type: 'text' as const, text: 'What is this?' },
        ],
      },
    ],
  }
}

function read(pdf: Buffer) {
  const data = pdf.toString('base64')
  const source = { type: 'base64' as const, media_type: 'application/pdf' as const, data }
  return {
    ...hello,
    messages: [
      {
        role: 'user' as const,
        content: [
          { type: 'document' as const, source },
          { type: 'text' as const, text: 'Sum this up.' },
        ],
      },
    ],
  }
}
