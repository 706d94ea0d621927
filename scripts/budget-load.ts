// Runs 64 clients against budgets from one cent to 100 USD while processes are killed at random, and judges the ledger.
// Usage: node scripts/budget-load.ts [sqlite|postgres] [BURSTS] [SEED]. It ends with 1 if a budget did not hold or a call
// was refused that fitted.
import { runBudgetLoad } from '../test/budget-load.ts'
import type { BudgetLoad } from '../test/budget-load.ts'

const [store = 'sqlite', bursts = '20', seed = '1'] = process.argv.slice(2)
if (store !== 'sqlite' && store !== 'postgres') throw new Error(`there is no store '${store}'`)

const haiku = 'claude-haiku-4-5'
const opus = 'claude-opus-4-1'
const keys: BudgetLoad['keys'] = [
  { limit: '0.01', model: haiku, promptLength: 20 },
  { limit: '1', model: haiku, promptLength: 2_000 },
  { limit: '10', model: opus, promptLength: 2_000 },
  { limit: '100', model: opus, promptLength: 30_000 },
]

const { budgets, kills, statuses } = await runBudgetLoad({
  store,
  keys,
  organization: '105',
  clients: 64,
  bursts: Number(bursts),
  seed: Number(seed),
  log: (text) => console.error(text),
})
const [organization, ...own] = budgets
const isRight =
  budgets.every(
    ({ overshootNanoUsd, falseRejections }) => overshootNanoUsd <= 0 && falseRejections.length === 0,
  ) && own.every(({ leftUsd, plainHoldUsd }) => Math.min(leftUsd, organization?.leftUsd ?? 0) < plainHoldUsd)
console.log(JSON.stringify({ store, seed: Number(seed), kills, statuses, budgets, isRight }, null, 2))
if (!isRight) process.exitCode = 1
