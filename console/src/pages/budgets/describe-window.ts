import type { Budget } from '../../api/budgets.ts'
import { budgetTexts as texts } from '../../texts/manage.ts'

/** The period over which a budget counts: one of the calendar, or the time before now. */
export function describeWindow({ window, rolling }: Pick<Budget, 'window' | 'rolling'>): string {
  return (rolling ? texts.rollingWindows : texts.windows)[window]
}
