import type { Budget } from '../../api/budgets.ts'
import { readNanoUsd } from '../../parts/format.ts'
import { ShareOf } from '../../parts/share-bar.tsx'
import { getLimitNanoUsd } from './forecast.ts'

/** The part of a budget that is spent or held. */
export function BudgetUse({ budget }: { readonly budget: Budget }) {
  const limit = getLimitNanoUsd(budget, Date.now())
  const used = readNanoUsd(budget.spent) + readNanoUsd(budget.held)
  const percent = limit === 0n ? 100 : Number((used * 1000n) / limit) / 10
  return <ShareOf percent={percent} />
}
