import { formatNanoUsd } from '@anthology/catalog'

import { budgetProperties } from '../../budgets/budget-schema.ts'
import type { Budget } from '../../budgets/budget.ts'
import { getLimit, printUsd } from '../../budgets/budget.ts'
import type { BudgetInput } from '../../budgets/budget-config.ts'
import { listBudgetPlaces } from '../../budgets/budget-table.ts'
import {
  createBudget,
  deleteBudget,
  getBudget,
  printSettings,
  updateBudget,
} from '../../budgets/change-budgets.ts'
import type { BudgetState } from '../../budgets/money.ts'
import { printTime } from '../../budgets/refusal.ts'
import { parseScope } from '../../budgets/scope.ts'
import { findWindow } from '../../budgets/window.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import { readOwnerNames } from '../../ledger/owner-names.ts'
import type { Change } from '../../organization/change.ts'
import type { Queries } from '../../store/database.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'

const usd = (description: string) => describeText(description)

/** The state of a budget, which only a server that runs knows. */
export const stateProperties = {
  spent: usd('US dollars that were spent in the current window.'),
  held: usd('US dollars that are held for running calls, or lent to processes for theirs.'),
  left: usd('US dollars that are neither spent nor held; negative if more was spent than the limit.'),
  resets_at: orNull(
    describeTime('When the window ends, or a rolling one has more room; null: not by itself.'),
  ),
  window_start: orNull(describeTime('When the window began; null: a rolling one, or one without an end.')),
} as const

const { scope, limit, window, timezone, rolling, action, thresholds, models, raise } = budgetProperties

export const budgetSchema = describeObject(
  {
    id: { type: 'string' },
    scope,
    models,
    limit,
    window,
    timezone,
    rolling,
    action,
    thresholds,
    raise,
    source: { enum: ['config', 'api'], description: 'config: it is in anthology.yaml, and changed there.' },
    ...stateProperties,
  },
  { title: 'Budget' },
)

const input = { scope, limit, window, timezone, rolling, action, thresholds, models, raise }

const budgetInput = describeObject(input, {
  title: 'BudgetInput',
  optional: ['timezone', 'rolling', 'action', 'thresholds', 'models', 'raise'],
})

/** Prints a budget with its state. */
export function printBudget(context: Pick<Context, 'budgets' | 'nowMs'>, budget: Budget): object {
  const state = context.budgets.money.getState(budget)
  const nowMs = context.nowMs()
  return {
    ...printSettings(budget),
    ...printState(state, getLimit(budget, nowMs)),
    window_start: printWindowStart(budget, nowMs),
  }
}

function printWindowStart(budget: Budget, nowMs: number): string | null {
  const isCalendar = !budget.rolling && budget.window !== 'total'
  return isCalendar ? printTime(findWindow(budget, nowMs).startMs) : null
}

/** A budget that was created just now has no state yet. */
function printState(state: BudgetState | null, limitNanoUsd: number): object {
  const { usedNanoUsd, heldNanoUsd, resetsAtMs } = state ?? {
    usedNanoUsd: 0,
    heldNanoUsd: 0,
    resetsAtMs: null,
  }
  return {
    spent: printUsd(usedNanoUsd),
    held: printUsd(heldNanoUsd),
    left: printUsd(limitNanoUsd - usedNanoUsd - heldNanoUsd),
    resets_at: resetsAtMs === null ? null : printTime(resetsAtMs),
  }
}

/** A caller who sees some workspaces only sees the budgets of those. */
async function createFilter(
  { context, caller }: AdminRequest,
  queries: Queries = context.database,
): Promise<(budget: Pick<Budget, 'scope'>) => boolean> {
  const { workspaces } = caller
  if (workspaces === null) return () => true
  const { workspace: names } = await readOwnerNames(queries)
  const visible = new Set([...workspaces].flatMap((id) => [id, names.get(id) ?? id]))
  return (budget) => {
    const found = parseScope(budget.scope)
    return found?.kind === 'workspace' && visible.has(found.name)
  }
}

/** Finds the budget of the path. Throws an error for one that the caller may not see, and so not change. */
async function findVisible(request: AdminRequest, queries: Queries): Promise<Budget> {
  const budget = await getBudget(queries, request.parameters['id'] ?? '')
  const maySee = await createFilter(request, queries)
  if (!maySee(budget)) throw new ApiError('unknown_resource', `there is no budget '${budget.id}'`)
  return budget
}

/** A caller who sees some workspaces only sets budgets of those. */
async function requireOwnScope(request: AdminRequest, queries: Queries): Promise<void> {
  const { scope: wanted } = request.body as Partial<BudgetInput> // Validated by the schema.
  const maySet = await createFilter(request, queries)
  if (wanted !== undefined && !maySet({ scope: wanted }))
    throw new ApiError('role_required', 'your budgets can only have the scopes of your workspaces')
}

async function getOne(request: AdminRequest): Promise<object> {
  const { context } = request
  return printBudget(context, await findVisible(request, context.database))
}

async function serveSpending(request: AdminRequest): Promise<object> {
  const { context, read } = request
  const budget = await findVisible(request, context.database)
  const owner = parseScope(budget.scope)
  const key = owner?.kind === 'key' ? context.ring.findNamed(owner.name) : undefined
  const spending = await read('readSpending', budget, { nowMs: context.nowMs(), keyId: key?.id ?? null })
  const { startMs, endMs } = spending.window
  return {
    budget_id: budget.id,
    since: printTime(startMs),
    until: endMs === null ? null : printTime(endMs),
    unit: spending.unit,
    data: spending.steps.map(({ name, costNanoUsd }) => ({
      time: name,
      cost_usd: formatNanoUsd(costNanoUsd),
    })),
  }
}

const spendingSchema = describeObject(
  {
    budget_id: { type: 'string' },
    since: describeTime('The beginning of the window.'),
    until: orNull(describeTime('The end of the window; null: a rolling one, or one without an end.')),
    unit: { enum: ['hour', 'day', 'month'], description: 'The length of a step.' },
    data: describeArray(
      describeObject({
        time: describeText('The hour, day or month, in the time zone of the budget.'),
        cost_usd: usd('US dollars, exact. Holds of running calls are not in it.'),
      }),
      'The steps with calls, in order of time.',
    ),
  },
  { title: 'BudgetSpending' },
)

async function list(request: AdminRequest): Promise<object> {
  const { context, query } = request
  const { limit: size, after } = query as PageQuery // Validated.
  const place = decodePlace(after, ['number', 'string']) as [number, string] | null // Its types were checked.
  const maySee = await createFilter(request)
  const rows = (await listBudgetPlaces(context.database, place)).filter(({ budget }) => maySee(budget))
  return makePage(rows, size, {
    print: ({ budget }) => printBudget(context, budget),
    place: (row) => row.place,
  })
}

/** Makes a change effective in this process at once; every other process reads it within a quarter of a second. */
function finish(context: Context, change: Change<Budget>): Change<object> {
  setImmediate(() => void context.refreshBudgets())
  return { ...change, result: printBudget(context, change.result) }
}

const path = '/admin/v1/budgets'
const example = { parameters: { id: 'organization' } }
const exampleBody = { scope: 'organization', limit: '5000', window: 'month' }

export const budgetRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    roles: ['billing', 'viewer'],
    operation: 'listBudgets',
    summary: 'Lists the budgets with what is spent, held and left, oldest first',
    query: describeOptions(pageParameters),
    answer: describePage(budgetSchema),
    example: { query: 'limit=10' },
    serve: list,
  },
  {
    method: 'POST',
    path,
    roles: ['billing'],
    operation: 'createBudget',
    summary: 'Creates a budget, which is effective in every process within a second',
    body: budgetInput,
    answer: budgetSchema,
    status: 201,
    example: { body: exampleBody },
    change: async (request, queries) => {
      const { context, body } = request
      const { resolveModel, labels } = context
      await requireOwnScope(request, queries)
      // Validated by the schema.
      return finish(
        context,
        await createBudget(queries, body as BudgetInput, { nowMs: context.nowMs(), resolveModel, labels }),
      )
    },
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    roles: ['billing', 'viewer'],
    operation: 'getBudget',
    summary: 'Shows a budget, by its id or by a scope that has only one, with what is spent, held and left',
    answer: budgetSchema,
    example,
    serve: getOne,
  },
  {
    method: 'GET',
    path: `${path}/{id}/spending`,
    roles: ['billing', 'viewer'],
    operation: 'getBudgetSpending',
    summary: 'Shows what the calls of a budget cost over its current window',
    answer: spendingSchema,
    example,
    serve: serveSpending,
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    roles: ['billing'],
    operation: 'updateBudget',
    summary: 'Changes some members of a budget; a raise is one of them',
    body: describeOptions(input, 'BudgetChange'),
    answer: budgetSchema,
    example: { ...example, body: { raise: { to: '6000', until: '2030-01-01' } } },
    change: async (request, queries) => {
      const { context, body } = request
      const { resolveModel, labels } = context
      const { id } = await findVisible(request, queries)
      await requireOwnScope(request, queries)
      const given = body as Partial<BudgetInput> // Validated by the schema.
      const change = { input: given, nowMs: context.nowMs(), resolveModel, labels }
      return finish(context, await updateBudget(queries, id, change))
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    roles: ['billing'],
    operation: 'deleteBudget',
    summary: 'Deletes a budget',
    answer: budgetSchema,
    example,
    change: async (request, queries) => {
      const { context } = request
      const { id } = await findVisible(request, queries)
      return finish(context, await deleteBudget(queries, id, context.nowMs()))
    },
  },
]
