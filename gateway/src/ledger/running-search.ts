import type { Queries, SqlRow } from '../store/database.ts'
import { readPlace } from './call-place.ts'
import { equalColumns, printLabel } from './call-search.ts'
import type { CallSearch } from './call-search.ts'
import { readRunningRows } from './running-calls.ts'

/** The calls that run at the moment and match, newest first. */
export async function searchRunningCalls(
  queries: Queries,
  search: CallSearch,
  limit: number,
): Promise<readonly SqlRow[]> {
  if (needsEnd(search)) return []
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, id, label, visibleWorkspaces } = search
  const rows = await readRunningRows(queries, { sinceMs, untilMs }, {})
  return rows
    .filter(
      (row) =>
        equalColumns.every(([column, name]) => search[name] === undefined || row[column] === search[name]) &&
        (id === undefined || row['id'] === id) &&
        (label === undefined || String(row['labels']).includes(printLabel(label))) &&
        (visibleWorkspaces?.includes(String(row['workspace_id'])) ?? true),
    )
    .toSorted(compareRows)
    .slice(0, limit)
}

/** Whether only calls that have ended can match. */
function needsEnd(search: CallSearch): boolean {
  const { outcome, cache, minCostNanoUsd, maxCostNanoUsd, minTokens = 0, maxTokens } = search
  return (
    (outcome ?? 'running') !== 'running' ||
    [cache, minCostNanoUsd, maxCostNanoUsd, maxTokens].some((value) => value !== undefined) ||
    minTokens > 0
  )
}

/** The latest first. */
function compareRows(one: SqlRow, other: SqlRow): number {
  const [place, otherPlace] = [readPlace(one), readPlace(other)]
  return (
    otherPlace.startedAtMs - place.startedAtMs ||
    Number(place.id < otherPlace.id) - Number(place.id > otherPlace.id)
  )
}

/** The part of a search that is known of a call when it begins. */
export function keepStartConditions(search: CallSearch): CallSearch {
  return {
    ...search,
    outcome: undefined,
    status: undefined,
    stopReason: undefined,
    errorType: undefined,
    id: undefined,
    minCostNanoUsd: undefined,
    maxCostNanoUsd: undefined,
    minTokens: undefined,
    maxTokens: undefined,
    cache: undefined,
  }
}
