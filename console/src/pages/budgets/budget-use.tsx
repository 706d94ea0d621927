import type { Budget } from '../../api/budgets.ts'
import { formatShare, formatUsd, printNanoUsd, readNanoUsd } from '../../parts/format.ts'
import { ShareOf } from '../../parts/share-bar.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { getLimitNanoUsd } from './forecast.ts'

/** The part of a budget that is spent or held, and its limit, with a raise that is in force. */
export function BudgetUse({ budget }: { readonly budget: Budget }) {
  const limit = getLimitNanoUsd(budget, Date.now())
  const used = readNanoUsd(budget.spent) + readNanoUsd(budget.held)
  const percent = limit === 0n ? 100 : Number((used * 1000n) / limit) / 10
  const text = texts.usedOf(formatShare(percent / 100), formatUsd(printNanoUsd(limit)))
  return <ShareOf percent={percent} text={text} />
}
