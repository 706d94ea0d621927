import { resolve, selectTokenizer } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createDeliveredTokens } from '../../src/calls/delivered-tokens.ts'

const model = getModel('claude-sonnet-4-5')
const { count, split } = selectTokenizer(model)

test('counts short streams exactly', () => {
  const texts = ['Hello', ' world', ',', ' how', ' are', ' you']
  const delivered = createDeliveredTokens(model)
  texts.forEach((text, at) => delivered.observe(frame({ type: 'text_delta', text }), at + 1))
  expect(delivered.estimate(texts.length)).toBe(texts.reduce((sum, text) => sum + count(text), 0))
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
          // The sizes come in another order each time, as words do.
          const text = ' word'.repeat(sizes[(at * 7 + Math.floor(at / 50) * 3) % 50] ?? 1)
          tokens += count(text)
          delivered.observe(frame({ type: 'text_delta', text }), at + 1)
        }
        expect(Math.abs(delivered.estimate(events) - tokens) / tokens).toBeLessThan(0.25)
      },
    ),
    { numRuns: 20 },
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

test('an unreadable frame is no error', () => {
  const delivered = createDeliveredTokens(model)
  delivered.observe(Buffer.from('event: content_block_delta\ndata: {\n\n'), 1)
  delivered.observe(Buffer.from(': nothing\n\n'), 2)
  expect(delivered.estimate(2)).toBe(0)
})

function frame(delta: object): Uint8Array {
  const data = JSON.stringify({ type: 'content_block_delta', index: 0, delta })
  return Buffer.from(`event: content_block_delta\ndata: ${data}\n\n`)
}

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}
