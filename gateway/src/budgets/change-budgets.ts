import type { Resolution } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'
import { randomText } from '../http/request-id.ts'
import type { Change } from '../organization/change.ts'
import { listAllKeys } from '../organization/keys.ts'
import { findLiveMember } from '../organization/members.ts'
import { isBuiltInKey } from '../organization/name.ts'
import { findLiveWorkspace } from '../organization/workspaces.ts'
import type { Queries } from '../store/database.ts'
import { printUsd } from './budget.ts'
import type { Budget } from './budget.ts'
import { BudgetInputError, readBudgetInput } from './budget-config.ts'
import type { BudgetInput } from './budget-config.ts'
import { findBudgets, markDeleted, writeBudget } from './budget-table.ts'
import type { BudgetSettings } from './budget-table.ts'
import { parseScope } from './scope.ts'

interface ChangeOptions {
  readonly nowMs: number
  readonly resolveModel?: (name: string) => Resolution
  /** The labels that clients may send. Default: not known, so a budget may be for any. */
  readonly labels?: ReadonlySet<string>
}

/** Creates a budget. Throws a GatewayError for an input that is none. */
export async function createBudget(
  queries: Queries,
  input: BudgetInput,
  { nowMs, resolveModel, labels }: ChangeOptions,
): Promise<Change<Budget>> {
  const settings = readInput(input, resolveModel)
  checkRaise(settings, nowMs)
  checkLabel(settings.scope, labels)
  await checkScope(queries, settings.scope)
  const id = `budget_${randomText(20)}`
  const budget = await writeBudget(queries, { ...settings, id, source: 'api' }, { known: null, nowMs })
  return describeChange(null, budget, budget)
}

/** Changes some members of a budget. One of the configuration is changed there. Throws a GatewayError. */
export async function updateBudget(
  queries: Queries,
  idOrScope: string,
  { input, ...options }: ChangeOptions & { readonly input: Partial<BudgetInput> },
): Promise<Change<Budget>> {
  const known = await findOwn(queries, idOrScope)
  const { id } = known
  const settings = readInput({ ...toInput(known), ...input }, options.resolveModel)
  if (input.raise !== undefined) checkRaise(settings, options.nowMs)
  if (input.scope !== undefined) checkLabel(settings.scope, options.labels)
  await checkScope(queries, settings.scope)
  const budget = await writeBudget(
    queries,
    { ...settings, id, source: 'api' },
    { known, nowMs: options.nowMs },
  )
  return describeChange(known, budget, budget)
}

/** Deletes a budget. One of the configuration is deleted there. Throws a GatewayError. */
export async function deleteBudget(
  queries: Queries,
  idOrScope: string,
  nowMs: number,
): Promise<Change<Budget>> {
  const known = await findOwn(queries, idOrScope)
  await markDeleted(queries, known.id, nowMs)
  return describeChange(known, null, known)
}

/** Finds a budget by its id, or by a scope that has only one. Throws a GatewayError if there is none. */
export async function getBudget(queries: Queries, idOrScope: string): Promise<Budget> {
  const id = idOrScope.slice(0, 300)
  const [found, ...others] = await findBudgets(queries, id)
  if (others.length > 0)
    throw new GatewayError('conflict', `${others.length + 1} budgets have the scope '${id}'`, {
      hint: 'Take the id of one: anthology budgets list',
    })
  if (found !== undefined) return found
  throw new GatewayError('not_found', `there is no budget '${id.slice(0, 100)}'`, {
    hint: 'List them: anthology budgets list',
  })
}

/** The members of a budget that users set, as the admin API and the audit log print them. */
export function printSettings({
  id,
  source,
  ...settings
}: BudgetSettings & Pick<Budget, 'id' | 'source'>): object {
  const { scope, models, limitNanoUsd, window, timezone, rolling, action, thresholds, raise } = settings
  return {
    id,
    scope,
    models,
    limit: printUsd(limitNanoUsd),
    window,
    timezone,
    rolling,
    action,
    thresholds,
    raise:
      raise === null ? null : { to: printUsd(raise.toNanoUsd), until: new Date(raise.untilMs).toISOString() },
    source,
  }
}

function readInput(input: BudgetInput, resolveModel: ChangeOptions['resolveModel']): BudgetSettings {
  try {
    return readBudgetInput(input, resolveModel)
  } catch (error) {
    if (error instanceof BudgetInputError)
      throw new GatewayError('invalid_value', `${error.member}: ${error.message}`)
    throw error
  }
}

/** A raise that raises nothing would be taken for one that does. */
function checkRaise({ raise, limitNanoUsd }: BudgetSettings, nowMs: number): void {
  if (raise === null) return
  if (raise.untilMs <= nowMs) throw new GatewayError('invalid_value', 'raise: until must be in the future')
  if (raise.toNanoUsd <= limitNanoUsd)
    throw new GatewayError(
      'invalid_value',
      `raise: must be to more than the limit, ${printUsd(limitNanoUsd)}`,
    )
}

function toInput(budget: Budget): BudgetInput {
  const { scope, models, limitNanoUsd, window, timezone, rolling, action, thresholds, raise } = budget
  return {
    scope,
    limit: printUsd(limitNanoUsd),
    window,
    timezone,
    rolling,
    action,
    thresholds,
    models,
    raise:
      raise === null ? null : { to: printUsd(raise.toNanoUsd), until: new Date(raise.untilMs).toISOString() },
  }
}

async function findOwn(queries: Queries, id: string): Promise<Budget> {
  const known = await getBudget(queries, id)
  if (known.source === 'api') return known
  throw new GatewayError('conflict', `budget ${known.id} is in anthology.yaml`, {
    hint: 'Change it there and restart the server.',
  })
}

function checkLabel(text: string, labels: ReadonlySet<string> | undefined): void {
  const scope = parseScope(text)
  if (scope?.kind === 'label' && labels?.has(scope.name) === false)
    throw new GatewayError(
      'invalid_value',
      `scope: there is no label '${scope.name}' in labels of anthology.yaml, so no client may send it`,
    )
}

/** A budget of a workspace or member that does not exist would limit nobody. */
async function checkScope(queries: Queries, text: string): Promise<void> {
  const scope = parseScope(text)
  if (scope?.kind === 'workspace') await findLiveWorkspace(queries, scope.name)
  if (scope?.kind === 'member') await findLiveMember(queries, scope.name)
}

/** Whether a scope is that of a key that does not exist, or not any more: the budget limits nothing until there is one. */
export async function lacksKey(queries: Queries, text: string): Promise<boolean> {
  const scope = parseScope(text)
  if (scope?.kind !== 'key' || isBuiltInKey(scope.name)) return false
  const keys = await listAllKeys(queries)
  return !keys.some(
    ({ id, name, revokedAtMs }) => revokedAtMs === null && (id === scope.name || name === scope.name),
  )
}

function describeChange(before: Budget | null, after: Budget | null, result: Budget): Change<Budget> {
  return {
    kind: 'budget',
    id: result.id,
    workspaceId: null,
    before: before === null ? null : printSettings(before),
    after: after === null ? null : printSettings(after),
    result,
  }
}
