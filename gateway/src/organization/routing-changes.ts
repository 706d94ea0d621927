import { isRecord, parseJson } from '@anthology/wire'

import { GatewayError } from '../errors.ts'
import { readAlias } from '../routing/alias.ts'
import type { ForeignNames } from '../routing/foreign-name.ts'
import { findIdleGroup } from '../routing/routing-config.ts'
import type { AliasTarget, RoutingOrder, Weights } from '../routing/routing-config.ts'
import { readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import type { Change } from './change.ts'
import { lockNames } from './name.ts'

/** A member of `routing` that precedes the configuration until it is removed. */
export type RoutingChange = AliasChange | WeightsChange

export interface AliasChange {
  readonly kind: 'alias'
  readonly name: string
  readonly target: AliasTarget
  readonly changedAtMs: number
}

export interface WeightsChange {
  readonly kind: 'weights'
  readonly weights: Weights
  readonly changedAtMs: number
}

/** The most aliases that may be changed at run time. A resolver reads all of them for each call. */
export const maxChangedAliases = 200

/** The longest name of an alias, as in the configuration. */
export const maxAliasLength = 256

export async function listRoutingChanges(queries: Queries): Promise<readonly RoutingChange[]> {
  const rows = await queries.query(
    'SELECT kind, name, value, changed_at_ms FROM routing_changes ORDER BY kind, name',
  )
  return rows.map(readChange)
}

/** Sets an alias. Throws a GatewayError for one that is not valid. */
export async function setAlias(
  queries: Queries,
  name: string,
  { target, foreign, nowMs }: { target: AliasTarget; foreign: ForeignNames; nowMs: number },
): Promise<Change<AliasChange>> {
  if (name.length > maxAliasLength)
    throw new GatewayError('invalid_value', `name: must have at most ${maxAliasLength} characters`)
  const read = readAlias(name, target, foreign)
  if ('problem' in read) {
    const { member, message, hint } = read.problem
    throw new GatewayError('invalid_value', `${member}: ${message}. ${hint}`)
  }
  await lockNames(queries)
  const aliases = (await listRoutingChanges(queries)).filter((change) => change.kind === 'alias')
  const before = aliases.find((change) => change.name === name) ?? null
  if (before === null && aliases.length >= maxChangedAliases)
    throw new GatewayError('conflict', `at most ${maxChangedAliases} aliases can be changed at run time`)
  await storeChange(queries, { kind: 'alias', name, value: target, nowMs })
  const after: AliasChange = { kind: 'alias', name, target, changedAtMs: nowMs }
  return {
    ...describeTarget('alias', name),
    before: printAlias(before),
    after: printAlias(after),
    result: after,
  }
}

/** Removes the change of an alias, so that the configuration applies again. */
export async function removeAlias(queries: Queries, name: string): Promise<Change<null>> {
  await lockNames(queries)
  const before = (await listRoutingChanges(queries)).find(
    (change) => change.kind === 'alias' && change.name === name,
  )
  if (before?.kind !== 'alias')
    throw new GatewayError('not_found', `the alias '${name.slice(0, 100)}' was not changed at run time`)
  await queries.query("DELETE FROM routing_changes WHERE kind = 'alias' AND name = ?", [name])
  return { ...describeTarget('alias', name), before: printAlias(before), after: null, result: null }
}

/** Sets the weights of all upstreams; one that is not named has weight 1. Throws a GatewayError if they are not valid. */
export async function setWeights(
  queries: Queries,
  weights: Weights,
  {
    order,
    upstreams,
    nowMs,
  }: {
    order: Pick<RoutingOrder, 'groups' | 'modelGroups'>
    upstreams: readonly string[]
    nowMs: number
  },
): Promise<Change<WeightsChange>> {
  const unknown = Object.keys(weights).find((name) => !upstreams.includes(name))
  if (unknown !== undefined)
    throw new GatewayError(
      'invalid_value',
      `weights: there is no upstream '${unknown.slice(0, 100)}'; there are ${upstreams.join(', ')}`,
    )
  const idle = findIdleGroup(order, weights)
  if (idle !== null)
    throw new GatewayError(
      'invalid_value',
      `weights: every upstream of the group ${idle.join(', ')} has weight 0, so none of them would be asked`,
    )
  await lockNames(queries)
  const before = await findWeights(queries)
  await storeChange(queries, { kind: 'weights', name: '', value: weights, nowMs })
  const result: WeightsChange = { kind: 'weights', weights, changedAtMs: nowMs }
  return {
    ...describeTarget('weights', 'routing.weights'),
    before: before === null ? null : { weights: before.weights },
    after: { weights },
    result,
  }
}

/** Removes changed weights, so that those of the configuration apply again. */
export async function removeWeights(queries: Queries): Promise<Change<null>> {
  await lockNames(queries)
  const before = await findWeights(queries)
  if (before === null) throw new GatewayError('not_found', 'the weights were not changed at run time')
  await queries.query("DELETE FROM routing_changes WHERE kind = 'weights'")
  return {
    ...describeTarget('weights', 'routing.weights'),
    before: { weights: before.weights },
    after: null,
    result: null,
  }
}

async function findWeights(queries: Queries): Promise<WeightsChange | null> {
  const changes = await listRoutingChanges(queries)
  return changes.find((change) => change.kind === 'weights') ?? null
}

async function storeChange(
  queries: Queries,
  { kind, name, value, nowMs }: { kind: RoutingChange['kind']; name: string; value: unknown; nowMs: number },
): Promise<void> {
  await queries.query(
    `INSERT INTO routing_changes (kind, name, value, changed_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value, changed_at_ms = excluded.changed_at_ms`,
    [kind, name, JSON.stringify(value), nowMs],
  )
}

function describeTarget(kind: RoutingChange['kind'], id: string) {
  return { kind, id, workspaceId: null }
}

function printAlias(change: AliasChange | null): object | null {
  if (change === null) return null
  const { name, target } = change
  return { name, ...(typeof target === 'string' ? { to: target } : target) }
}

function readChange(row: SqlRow): RoutingChange {
  const changedAtMs = readNumber(row, 'changed_at_ms')
  const value = parseJson(readText(row, 'value'))
  if (!isRecord(value)) throw new TypeError('the column value of routing_changes has no object')
  if (readText(row, 'kind') === 'weights') return { kind: 'weights', weights: value as Weights, changedAtMs } // Only `setWeights` writes it.
  const target = value as Exclude<AliasTarget, string> // Only `setAlias` writes it.
  return { kind: 'alias', name: readText(row, 'name'), target, changedAtMs }
}
