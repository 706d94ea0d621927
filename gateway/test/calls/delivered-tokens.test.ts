import { resolve, selectTokenizer } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { charactersPerToken } from '../../src/calls/hidden-thinking.ts'
import { createDeliveredTokens } from '../../src/calls/delivered-tokens.ts'

const model = getModel('claude-sonnet-4-5')
const { count, split } = selectTokenizer(model)

test('counts short streams exactly', () => {
  const texts = ['Hello', ' world', ',', ' how', ' are', ' you']
  const delivered = createDeliveredTokens(model)
  texts.forEach((text, at) => delivered.observe(frame({ type: 'text_delta', text }), at + 1))
  expect(delivered.estimate(texts.length)).toBe(texts.reduce((sum, text) => sum + count(text), 0))
})

test('the starts and ends of blocks have no tokens, and a ping is no content', () => {
  const delivered = createDeliveredTokens(model)
  const stop = Buffer.from('event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n')
  const start = Buffer.from(
    'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}\n\n',
  )
  const ping = Buffer.from('event: ping\ndata: {"type":"ping"}\n\n')
  delivered.observe(frameText('Hello'), 1)
  delivered.observe(Buffer.concat([ping, stop, start, frameText(' world')]), 4)
  expect(delivered.estimate(4)).toBe(count('Hello') + count(' world'))
})

test('is close for long streams, whatever their deltas contain', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 50, maxLength: 50 }),
      fc.integer({ min: 1_000, max: 5_000 }),
      (sizes, events) => {
        const delivered = createDeliveredTokens(model)
        let tokens = 0
        for (let at = 0; at < events; at += 1) {
          const text = ' word'.repeat(sizes[Math.floor(scatter(at) * 50)] ?? 1)
          tokens += count(text)
          delivered.observe(frame({ type: 'text_delta', text }), at + 1)
        }
        expect(Math.abs(delivered.estimate(events) - tokens) / tokens).toBeLessThan(0.4)
      },
    ),
    { numRuns: 20, unbiased: true },
  )
})

test('is close however the stream was cut: one event at a time, or all in one frame', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 50, maxLength: 50 })
  const cuts = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(lengths, cuts, (sizes, eventsPerFrame) => {
      const delivered = createDeliveredTokens(model)
      // A single token first, as answers often begin.
      const texts = ['I']
      while (texts.length < 3_000)
        texts.push(' word'.repeat(sizes[Math.floor(scatter(texts.length) * 50)] ?? 1))
      delivered.observe(frameText(texts[0] ?? ''), 1)
      for (let at = 1, turn = 0; at < texts.length; turn += 1) {
        const cut = texts.slice(at, at + (eventsPerFrame[turn % eventsPerFrame.length] ?? 1))
        at += cut.length
        delivered.observe(Buffer.concat(cut.map(frameText)), at)
      }
      const tokens = texts.reduce((sum, text) => sum + count(text), 0)
      expect(Math.abs(delivered.estimate(texts.length) - tokens) / tokens).toBeLessThan(0.4)
    }),
    { numRuns: 50, unbiased: true },
  )
})

test('counts the input of tools and thinking, but no signature', () => {
  const delivered = createDeliveredTokens(model)
  const thinking = 'The user asks for the weather in Lisbon.'
  const json = '{"city":"Lisbon"}'
  delivered.observe(frame({ type: 'thinking_delta', thinking }), 1)
  delivered.observe(frame({ type: 'signature_delta', signature: 'x'.repeat(900) }), 2)
  delivered.observe(frame({ type: 'input_json_delta', partial_json: json }), 3)
  expect(delivered.estimate(3)).toBe(split(thinking).length + split(json).length)
})

const signature = 'Eq'.repeat(8_000)
const hiddenTokens = Math.round(signature.length / charactersPerToken)
const hiddenStart = { type: 'thinking', thinking: '', signature: '' }
const ping = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n')

test.each([
  ['behind the start of its block', [startBlock(hiddenStart)]],
  ['behind a ping', [startBlock(hiddenStart), ping]],
  [
    'behind counts in place of a text',
    [startBlock(hiddenStart), createThinking(''), ping, createThinking('')],
  ],
  ['in its second block', [startBlock(hiddenStart), createThinking('Hm.'), startBlock(hiddenStart)]],
])('counts hidden thinking by the length of its signature, %s', (_, frames) => {
  const text = Buffer.concat([frame({ type: 'signature_delta', signature }), frameText('Hello')])
  const shown = frames.some((each) => Buffer.from(each).includes('Hm.')) ? count('Hm.') : 0

  expect(estimateAll([...frames, text]) - shown).toBe(hiddenTokens + count('Hello'))
  expect(estimateAll([Buffer.concat([...frames, text])]) - shown).toBe(hiddenTokens + count('Hello'))
})

test('counts no signature behind a text, also with a ping between them', () => {
  const frames = [startBlock(hiddenStart), createThinking('Hm.'), ping]
  const signed = frame({ type: 'signature_delta', signature })

  expect(estimateAll([...frames, signed])).toBe(count('Hm.'))
  expect(estimateAll([Buffer.concat([...frames, signed])])).toBe(count('Hm.'))
})

test('counts redacted thinking by the length of its data, also before the first delta', () => {
  const redacted = startBlock({ type: 'redacted_thinking', data: signature })

  expect(estimateAll([redacted])).toBe(hiddenTokens)
  expect(estimateAll([Buffer.concat([redacted, frameText('Hello'), redacted])])).toBe(
    2 * hiddenTokens + count('Hello'),
  )
})

test('counts no thinking for a text that names its events', () => {
  const text = '"signature_delta" and "redacted_thinking" '.repeat(10)

  expect(estimateAll([frameText(text)])).toBe(count(text))
})

test('hidden thinking is counted once, however long the text after it is', () => {
  const delivered = createDeliveredTokens(model)
  delivered.observe(startBlock(hiddenStart), 0)
  delivered.observe(frame({ type: 'signature_delta', signature }), 1)
  for (let at = 2; at <= 5_000; at += 1) delivered.observe(frameText(' word'), at)

  const tokens = hiddenTokens + 4_999 * count(' word')
  expect(Math.abs(delivered.estimate(5_000) - tokens) / tokens).toBeLessThan(0.1)
})

test('an unreadable frame is no error', () => {
  const delivered = createDeliveredTokens(model)
  delivered.observe(Buffer.from('event: content_block_delta\ndata: {\n\n'), 1)
  delivered.observe(Buffer.from(': nothing\n\n'), 2)
  expect(delivered.estimate(2)).toBe(0)
})

/** A number in [0, 1) that has no period, as the lengths of words have none. */
const scatter = (at: number): number => Math.sin(at) * 1e4 - Math.floor(Math.sin(at) * 1e4)

const frameText = (text: string): Uint8Array => frame({ type: 'text_delta', text })

/** The estimate for a stream of these frames. */
function estimateAll(frames: readonly Uint8Array[]): number {
  const delivered = createDeliveredTokens(model)
  let contentEvents = 0
  for (const each of frames) {
    contentEvents += Buffer.from(each).toString().split('event: content').length - 1
    delivered.observe(each, contentEvents)
  }
  return delivered.estimate(contentEvents)
}

function startBlock(block: object): Uint8Array {
  const data = JSON.stringify({ type: 'content_block_start', index: 0, content_block: block })
  return Buffer.from(`event: content_block_start\ndata: ${data}\n\n`)
}

function createThinking(thinking: string): Uint8Array {
  return frame({ type: 'thinking_delta', thinking, estimated_tokens: 50 })
}

function frame(delta: object): Uint8Array {
  const data = JSON.stringify({ type: 'content_block_delta', index: 0, delta })
  return Buffer.from(`event: content_block_delta\ndata: ${data}\n\n`)
}

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}
