import type { Budget } from '../../api/budgets.ts'
import { formatTime } from '../../parts/format.ts'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { forecastBudget } from './forecast.ts'

export function describeForecast(budget: Budget, nowMs: number): string {
  const forecast = forecastBudget(budget, nowMs)
  switch (forecast.kind) {
    case 'spent':
      return texts.forecastSpent
    case 'lasts':
      return texts.forecastFits
    case 'reached':
      return texts.forecast(formatTime(forecast.atMs))
    case 'none':
      return texts.forecastNone
  }
}
