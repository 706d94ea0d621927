import { setTimeout } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { BudgetBook } from '../../src/budgets/book.ts'
import type { Budget } from '../../src/budgets/budget.ts'
import { StoreShares } from '../../src/budgets/store-shares.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import type { Database } from '../../src/store/database.ts'
import { temporaryFolder } from '../running-gateway.ts'

const budget: Budget = {
  id: 'budget_one',
  revision: 1,
  source: 'api',
  scope: 'organization',
  models: null,
  limitNanoUsd: 1_000,
  window: 'total',
  timezone: 'UTC',
  rolling: false,
  action: 'block',
  thresholds: [],
  raise: null,
  activeFromMs: 0,
}

test('a server waits for the workers of another one, however late they return what they do not use', async () => {
  const database = createSqliteDatabase(openDatabase(temporaryFolder()))
  onTestFinished(() => database.close())
  let lent = 0
  let answerRecall = (): void => {}
  const first = await openServer(database, 'one', {
    countLent: () => lent,
    recall: () =>
      new Promise((resolve) => {
        answerRecall = () => {
          lent = 0
          resolve()
        }
      }),
  })
  const second = await openServer(database, 'two', {})
  expect(await first.grow(600)).toBe(true)
  lent = 600

  const grown = second.grow(700)
  // Longer than a server needs to look for wishes of others several times.
  await setTimeout(500)
  answerRecall()

  expect(await grown).toBe(true)
})

interface ServerOptions {
  readonly countLent?: () => number
  readonly recall?: () => Promise<void>
}

async function openServer(database: Database, name: string, { countLent, recall }: ServerOptions) {
  const nowMs = Date.now
  const onError = (error: unknown) => expect.unreachable(String(error))
  const shares = new StoreShares({
    database,
    holder: `${name}.start`,
    nowMs,
    readBase: () => Promise.resolve(0),
    recall,
    onError,
  })
  const readNothing = () => Promise.resolve(new Map<number, number>())
  const book = new BudgetBook({
    nowMs,
    readBase: readNothing,
    readCorrections: readNothing,
    shares,
    onError,
    ...(countLent !== undefined && { countLent }),
  })
  shares.attach(book)
  await book.setBudgets([budget])
  onTestFinished(() => shares.close())
  return { grow: (amount: number) => shares.grow(book.find(budget, nowMs()), amount) }
}
