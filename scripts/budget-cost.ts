// Prints the CPU time of what three budgets add to a plain call of 1 KB: the hold, the warning headers and the settlement.
// Usage: node scripts/budget-cost.ts
import { models } from '@anthology/catalog'
import { indexBody } from '@anthology/wire'

import { BudgetBook } from '../gateway/src/budgets/book.ts'
import type { Budget } from '../gateway/src/budgets/budget.ts'
import { Budgets } from '../gateway/src/budgets/budgets.ts'
import { holdCall } from '../gateway/src/calls/hold-call.ts'

const model = models.find(({ id }) => id === 'claude-haiku-4-5-20251001')
if (model === undefined) throw new Error('the catalog has no Claude Haiku 4.5')
const content = 'x'.repeat(900)
const body = Buffer.from(
  JSON.stringify({ model: model.id, max_tokens: 300, messages: [{ role: 'user', content }] }),
)
const index = indexBody(body, new Set(['model', 'max_tokens', 'thinking', 'tools', 'speed', 'inference_geo']))
if (!('members' in index)) throw new Error('the body has no index')

const book = new BudgetBook({
  nowMs: Date.now,
  readBase: async () => new Map(),
  readCorrections: async () => new Map(),
  onError: (error) => console.error(error),
})
await book.setBudgets(['organization', 'workspace:default', 'key:local'].map(createBudget))
const budgets = new Budgets({ money: book, nowMs: Date.now, onWouldBlock: () => {}, onRefused: () => {} })

const calls = 4_000
let bestMicroseconds = Infinity
for (let round = 0; round < 40; round += 1) {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call += 1) await countCall()
  const { user, system } = process.cpuUsage(before)
  bestMicroseconds = Math.min(bestMicroseconds, (user + system) / calls)
}
console.log(`${bestMicroseconds.toFixed(1)} µs of CPU time per call`)

type HoldArguments = Parameters<typeof holdCall>

/** Holds and settles a call, with the members of it that a hold reads. */
async function countCall(): Promise<void> {
  const call = {
    billable: true,
    key: { id: 'local', name: 'local', workspaceId: 'default', memberId: null },
    labels: null,
    startedAtMs: Date.now(),
    body,
    index,
    betas: [],
    stream: false,
    model,
    protocol: { name: 'messages' },
  } as unknown as HoldArguments[1]
  const attempt = { account: { name: 'stub', platform: 'anthropic' }, model, modelName: model?.id }
  const plan = { attempts: [attempt] } as unknown as HoldArguments[2]
  const context = { budgets, fallbackPrice: null, limits: { budgetSlice: 100 }, nowMs: Date.now }
  const money = await holdCall(context as unknown as HoldArguments[0], call, plan)
  money.headers()
  money.settle(model?.id ?? '', 100)
}

function createBudget(scope: string): Budget {
  return {
    id: scope,
    revision: 1,
    source: 'config',
    scope,
    models: null,
    limitNanoUsd: 9_000_000_000_000_000,
    window: 'month',
    timezone: 'UTC',
    rolling: false,
    action: 'block',
    thresholds: [75, 95],
    raise: null,
    activeFromMs: 0,
  }
}
