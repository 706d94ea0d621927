import { expect, test } from 'vitest'
import { addCost, computeCost, formatTurn, emptyBill } from '../../src/chat/cost.ts'

test('prices an answer by the model that produced it, including cached tokens', () => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 1000, output_tokens: 5 }
  const cost = computeCost({ model: 'claude-opus-4-1-20250805', content: [], usage })

  // Opus 4.1: 10 x $15 + 1,000 x $1.50 + 5 x $75 per million.
  expect(cost).toEqual({ ok: true, nanoUsd: 2_025_000n, inputTokens: 1010, outputTokens: 5 })
  expect(formatTurn(cost, addCost(emptyBill, cost), false)).toBe(
    '1,010 in, 5 out  $0.002025  total $0.002025',
  )
})

test('never counts an unknown price as zero', () => {
  const known = computeCost({
    model: 'claude-opus-4-1-20250805',
    content: [],
    usage: { input_tokens: 1, output_tokens: 0 },
  })
  const unknown = computeCost({
    model: 'somebody-else',
    content: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  })
  const bill = addCost(addCost(emptyBill, known), unknown)

  expect(formatTurn(unknown, bill, false)).toBe(
    'cost unknown: no price is known for the model "somebody-else"  total $0.000015 and 1 turn of unknown cost',
  )
})
