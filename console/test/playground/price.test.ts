import { models } from '@anthology/catalog'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createRequest } from '../../src/pages/playground/create-request.ts'
import { createTurn, emptyDraft } from '../../src/pages/playground/draft.ts'
import type { Draft } from '../../src/pages/playground/draft.ts'
import { estimate } from '../../src/pages/playground/price-estimate.ts'
import { checkAccessibility } from '../accessibility.ts'
import { hold } from '../browser.ts'
import { findAnswer, startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

/** 3 dollars for a million tokens of input, 3.75 and 6 for writes, 0.30 for reads, 15 for output. */
const sonnet = 'claude-sonnet-4-5-20250929'

function price(changes: Partial<Draft>, tokens?: number) {
  const model = models.find(({ id }) => id === sonnet)
  if (model === undefined) throw new Error(`no model ${sonnet}`)
  const draft = { ...emptyDraft, turns: [createTurn('user', 'Hello')], ...changes }
  const priced = estimate(createRequest(draft, model.id), model, tokens)
  if (!priced.ok) throw new Error(priced.detail)
  return priced
}

const marks = { tools: false, system: false, lastTurn: false, ttl: '5m' } as const

test('a counted prompt has an exact price without the cache and with everything from it', () => {
  const none = price({}, 12_345)
  const written = price({ cache: { ...marks, lastTurn: true } }, 12_345)
  const hour = price({ cache: { ...marks, lastTurn: true, ttl: '1h' } }, 12_345)

  expect(none.prompt).toEqual({ miss: '$0.037035', hit: null, cached: 'no_breakpoint' })
  expect(written.prompt).toEqual({ miss: '$0.04629375', hit: '$0.0037035', cached: 'all' })
  expect(hour.prompt).toEqual({ miss: '$0.07407', hit: '$0.0037035', cached: 'all' })
  expect([none.output, written.output, hour.output]).toEqual(
    Array.from({ length: 3 }, () => ({ tokens: 1024, usd: '$0.01536' })),
  )
})

test('a prompt that is shorter than its model caches is priced as input', () => {
  const { prompt } = price({ cache: { ...marks, lastTurn: true } }, 1023)

  expect(prompt).toEqual({ miss: '$0.003069', hit: null, cached: 'too_short' })
})

test('where a part of the prompt is behind the last breakpoint, the prices are bounds', () => {
  const { prompt } = price({ system: 'Be brief.', cache: { ...marks, system: true } }, 2000)

  expect(prompt).toEqual({ miss: '$0.0075', hit: '$0.0006', cached: 'part' })
})

test('before the tokens are counted, only the bound of the prompt and the price of the output are known', () => {
  const { prompt, promptAtMost, output } = price({ maxTokens: '2000' })

  expect(prompt).toBeNull()
  expect(promptAtMost.tokens).toBeGreaterThan(5)
  expect(output.usd).toBe('$0.03')
})

test('a slow count of an earlier prompt does not take the place of a later one', async () => {
  const page = await playground.open(`?m=${sonnet}`)
  const message = page.getByRole('textbox', { name: 'User message 1' })
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  const count = answer.getByRole('button', { name: 'Count tokens' })
  const counted = answer.getByText(/[\d,]+ input/)
  await count.click()
  await counted.waitFor()

  const release = await hold(page, '**/v1/messages/count_tokens', 1)
  const slow = page.waitForRequest('**/v1/messages/count_tokens')
  await message.fill('word '.repeat(100))
  await count.click()
  const earlier = await slow
  await message.fill('Short.')
  await count.click()
  await counted.waitFor()
  release()
  await (await earlier.response())?.finished()
  // The page has had the time to show it.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))

  expect(await counted.count()).toBe(1)
})

test('Count tokens turns the bound into the prices of a miss and of a hit, for each model', async () => {
  const page = await playground.open(`?m=${sonnet},claude-haiku-4-5-20251001`)
  await page.getByRole('textbox', { name: 'User message 1' }).fill('word '.repeat(6000))
  await page.getByRole('checkbox', { name: 'after the last message' }).check()
  const [first, second] = [findAnswer(page, 'Claude Sonnet 4.5'), findAnswer(page, 'Claude Haiku 4.5')]
  const before = await first.locator('.prices').innerText()
  await first.getByRole('button', { name: 'Count tokens' }).click()
  await second.getByRole('button', { name: 'Count tokens' }).click()
  const read = async (answer: typeof first) => {
    const tokens = Number(
      /([\d,]+) input/.exec(await answer.getByRole('status').innerText())?.[1]?.replace(',', ''),
    )
    return { tokens, prices: (await answer.locator('.prices').innerText()).replaceAll('\n', ' ') }
  }
  await first.getByText('Without the cache').waitFor()
  await second.getByText('Without the cache').waitFor()
  const [sonnets, haikus] = [await read(first), await read(second)]
  const findings = await checkAccessibility(page, { part: '.answers' })

  expect(before).toMatch(/not counted yet; at most \$0\.\d+.*Count tokens/)
  expect(before).toContain('up to $0.01536 for the output (1,024 tokens)')
  const print = (tokens: number, picoUsd: bigint) => {
    const digits = (BigInt(tokens) * picoUsd).toString().padStart(13, '0')
    return `$${digits.slice(0, -12)}.${digits.slice(-12).replace(/0+$/, '')}`
  }
  expect(sonnets.prices).toContain(
    `Without the cache prompt ${print(sonnets.tokens, 3_750_000n)}, up to $0.01536`,
  )
  expect(sonnets.prices).toContain(`from the cache prompt ${print(sonnets.tokens, 300_000n)}, up to $0.01536`)
  expect(haikus.prices).toContain(
    `Without the cache prompt ${print(haikus.tokens, 1_250_000n)}, up to $0.00512`,
  )
  expect(haikus.prices).toContain(`from the cache prompt ${print(haikus.tokens, 100_000n)}, up to $0.00512`)
  expect(findings).toEqual([])
})
