import {
  createBudget,
  deleteBudget,
  lacksKey,
  listBudgets,
  printSettings,
  updateBudget,
} from '@anthology/gateway'
import type { Budget, BudgetInput, StoreLocation } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { changeStore, readAction, readStore, readWord, rejectWords } from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

const actions = ['create', 'list', 'update', 'delete'] as const

export const command: Command = {
  name: 'budgets',
  summary: 'Create, list, change and delete budgets',
  usage: 'create --scope SCOPE --limit USD --window WINDOW | list | update ID-OR-SCOPE | delete ID-OR-SCOPE',
  example:
    'anthology budgets create --scope workspace:research --limit 50 --window day --timezone Europe/Berlin',
  words: actions,
  options: {
    ...dataOptions,
    scope: {
      type: 'string',
      value: 'SCOPE',
      help: 'organization, workspace:NAME, member:NAME, key:NAME or label:NAME=VALUE',
    },
    limit: { type: 'string', value: 'USD', help: 'US dollars, such as 50 or 0.25' },
    window: { type: 'string', value: 'WINDOW', help: 'hour, day, week, month or total' },
    timezone: { type: 'string', value: 'ZONE', help: 'IANA time zone of the window (default UTC)' },
    rolling: { type: 'boolean', help: 'the last hour, day, week or 30 days' },
    action: { type: 'string', value: 'ACTION', help: 'block, or warn to refuse nothing (default block)' },
    thresholds: { type: 'string', value: 'PERCENT,...', help: 'percentages with an event (default 75,95)' },
    models: { type: 'string', value: 'MODEL,...', help: 'models that count (default all)' },
    raise: { type: 'string', value: 'USD', help: 'a higher limit, with --until' },
    until: { type: 'string', value: 'TIME', help: 'when the raise ends, such as 2026-12-31' },
    'no-raise': { type: 'boolean', help: 'update: end a raise' },
  },
  async run(context, values, positionals) {
    const { action, rest } = readAction('budgets', actions, positionals)
    const location = readStoreSettings(context, values)
    if (action === 'list' || action === 'create')
      rejectWords(`budgets ${action}`, rest, 'A budget is described by flags: --scope, --limit, --window.')
    if (action === 'list') return listAll(context, values, location)
    const input = readInput(values)
    if (action === 'create') {
      const { scope, limit, window } = input
      if (scope === undefined || limit === undefined || window === undefined)
        throw new UsageError(
          'budgets create needs --scope, --limit and --window',
          'For example: anthology budgets create --scope organization --limit 5000 --window month',
        )
      const budget = await changeStore(location, {
        action: 'createBudget',
        creates: true,
        changesKeys: false,
        work: async (queries, nowMs) => {
          if (await lacksKey(queries, scope)) context.err(describeNoKey(scope))
          return createBudget(queries, { ...input, scope, limit, window }, { nowMs })
        },
      })
      return show(context, values, budget, 'is created')
    }
    const id = readWord(`budgets ${action}`, rest, 'anthology budgets list shows the ids.')
    if (action === 'delete') {
      const work = changeStore(location, {
        action: 'deleteBudget',
        creates: false,
        changesKeys: false,
        work: (queries, nowMs) => deleteBudget(queries, id, nowMs),
      })
      return show(context, values, await work, 'is deleted')
    }
    const budget = await changeStore(location, {
      action: 'updateBudget',
      creates: false,
      changesKeys: false,
      work: async (queries, nowMs) => {
        const { scope } = input
        if (scope !== undefined && (await lacksKey(queries, scope))) context.err(describeNoKey(scope))
        return updateBudget(queries, id, { input, nowMs })
      },
    })
    return show(context, values, budget, 'is changed')
  },
}

function describeNoKey(scope: string): string {
  return `No valid key is called ${JSON.stringify(scope.slice('key:'.length))} now: the budget limits nothing until there is one. List them: anthology keys list`
}

function show(context: Context, values: Values, budget: Budget, done: string): number {
  context.out(
    values['json'] === true
      ? JSON.stringify(printSettings(budget))
      : `${budget.id} (${budget.scope}) ${done}; a running server follows within a second.`,
  )
  return 0
}

/** The members that are given by flags. */
function readInput(values: Values): Partial<BudgetInput> {
  const text = (name: string) => getText(values, name)
  const [scope, limit, window, timezone, action] = [
    text('scope'),
    text('limit'),
    text('window'),
    text('timezone'),
    text('action'),
  ]
  const [models, thresholds] = [text('models'), text('thresholds')]
  return {
    ...(scope !== undefined && { scope }),
    ...(limit !== undefined && { limit }),
    ...(window !== undefined && { window: readWindow(window) }),
    ...(timezone !== undefined && { timezone }),
    ...(values['rolling'] === true && { rolling: true }),
    ...(action !== undefined && { action: readAct(action) }),
    ...(thresholds !== undefined && { thresholds: readThresholds(thresholds) }),
    ...(models !== undefined && { models: models.split(',').map((name) => name.trim()) }),
    ...readRaise(values),
  }
}

function readRaise(values: Values): Pick<BudgetInput, 'raise'> {
  const [to, until] = [getText(values, 'raise'), getText(values, 'until')]
  if (values['no-raise'] === true) return { raise: null }
  if (to === undefined && until === undefined) return {}
  if (to === undefined || until === undefined)
    throw new UsageError('a raise needs --raise and --until', 'For example: --raise 100 --until 2026-12-31')
  return { raise: { to, until } }
}

const windows = ['hour', 'day', 'week', 'month', 'total'] as const

function readWindow(text: string): BudgetInput['window'] {
  const found = windows.find((window) => window === text)
  if (found !== undefined) return found
  throw new UsageError(`--window must be one of ${windows.join(', ')}`, 'For example: --window month')
}

function readAct(text: string): 'block' | 'warn' {
  if (text === 'block' || text === 'warn') return text
  throw new UsageError('--action must be block or warn', 'warn refuses nothing.')
}

function readThresholds(text: string): readonly number[] {
  const numbers = text.split(',').map(Number)
  if (numbers.every((each) => Number.isInteger(each) && each >= 1 && each <= 100)) return numbers
  throw new UsageError('--thresholds must be whole percentages', 'For example: --thresholds 75,95')
}

async function listAll(context: Context, values: Values, location: StoreLocation): Promise<number> {
  const budgets = await readStore(location, (queries) => listBudgets(queries))
  if (values['json'] === true) {
    context.out(JSON.stringify(budgets.map(printSettings), null, 2))
    return 0
  }
  const rows = budgets.map((budget) => {
    const { scope, limit, window, rolling, action, timezone, source } = printSettings(budget) as Record<
      string,
      string | boolean
    >
    const period = `${rolling === true ? 'rolling ' : ''}${String(window)}`
    return [budget.id, scope, limit, period, timezone, action, source].map(String)
  })
  for (const line of alignColumns([
    ['ID', 'SCOPE', 'LIMIT', 'WINDOW', 'TIMEZONE', 'ACTION', 'SOURCE'],
    ...rows,
  ]))
    context.out(line)
  context.err('anthology keys limits NAME shows what is spent, held and left, from a running server.')
  return 0
}
