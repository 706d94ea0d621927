import type { Budget, BudgetInput } from '../../api/budgets.ts'
import { readList } from '../../parts/list-text.ts'

/** The state of the form of a budget. */
export interface BudgetForm {
  readonly scope: string
  readonly limit: string
  readonly window: BudgetInput['window']
  readonly action: BudgetInput['action']
  /** Names, separated by commas or white space; empty: all. */
  readonly models: string
  /** Empty: UTC. */
  readonly timezone: string
  readonly rolling: boolean
  /** Percentages, separated by commas or white space. */
  readonly thresholds: string
}

export const emptyForm: BudgetForm = {
  scope: 'organization',
  limit: '',
  window: 'month',
  action: 'block',
  models: '',
  timezone: '',
  rolling: false,
  thresholds: '75, 95',
}

export function fillForm(budget: Budget): BudgetForm {
  const { scope, limit, window, action, models, timezone, rolling, thresholds } = budget
  return {
    scope,
    limit,
    window,
    action,
    models: models?.join(', ') ?? '',
    timezone,
    rolling,
    thresholds: thresholds.join(', '),
  }
}

/** Reads the form. The server validates it, so a threshold that is no number is sent as it is. */
export function readForm({ models, timezone, thresholds, ...rest }: BudgetForm): BudgetInput {
  return {
    ...rest,
    scope: rest.scope.trim(),
    limit: rest.limit.trim(),
    models: readList(models),
    timezone: timezone.trim() === '' ? 'UTC' : timezone.trim(),
    thresholds: (readList(thresholds) ?? []).map((text) => (/^\d+$/.test(text) ? Number(text) : text)),
  }
}

/** The members that differ between two states of the form. */
export function listChanges(before: BudgetForm, after: BudgetForm): Partial<BudgetInput> {
  const one = readForm(before)
  return Object.fromEntries(
    Object.entries(readForm(after)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(one[name as keyof BudgetInput]),
    ),
  )
}
