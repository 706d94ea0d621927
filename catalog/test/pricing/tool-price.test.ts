import { expect, test } from 'vitest'
import { codeExecutionPrice, priceCodeExecution, toolPrices } from '../../src/index.ts'

test('prices 1,000 web searches at 10 USD, and a fetch at nothing', () => {
  expect(1000n * toolPrices.web_search.picoUsdPerUnit).toBe(10_000_000_000_000n)
  expect(toolPrices.web_fetch.picoUsdPerUnit).toBe(0n)
})

test('prices an hour of a container at 5 cents, and the minimum time in proportion', () => {
  expect(priceCodeExecution(3600n)).toBe(50_000_000n)
  // 300 of 3,600 seconds: 4,166,666.67 nano-dollars.
  expect(priceCodeExecution(codeExecutionPrice.minSecondsPerExecution)).toBe(4_166_667n)
  expect(priceCodeExecution(0n)).toBe(0n)
})

test('has the free allowance and the date of its source', () => {
  expect(codeExecutionPrice.free).toEqual([
    { hours: 50n, per: 'day', stated: '2025-11' },
    { hours: 1550n, per: 'month', stated: '2026-10' },
  ])
})
