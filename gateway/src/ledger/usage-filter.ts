import type { SqlValue } from '../store/database.ts'
import type { RollupDimension } from './rollup.ts'

/** By the start of a call, in milliseconds since 1970. */
export interface Period {
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
}

/** The calls to include: each given member must match. Ids, not names. */
export interface UsageFilter {
  /** The pinned id of the model that served the call. */
  readonly model?: string
  readonly key?: string
  readonly workspace?: string
  readonly member?: string
  readonly upstream?: string
  readonly platform?: string
  readonly protocol?: string
  readonly outcome?: string
  /** The ids of workspaces, of which each call has one. */
  readonly anyWorkspace?: ReadonlySet<string>
  /** Values by label name. */
  readonly labels?: Readonly<Record<string, string>>
}

/** The columns of the filter's members. */
export const filterColumns = {
  model: 'model',
  key: 'key_id',
  workspace: 'workspace_id',
  member: 'member_id',
  upstream: 'upstream',
  platform: 'platform',
  protocol: 'protocol',
  outcome: 'outcome',
} as const satisfies Partial<Record<keyof UsageFilter, string>>

export type FilterName = keyof typeof filterColumns

export const filterNames = Object.keys(filterColumns) as readonly FilterName[] // The keys of a constant.

/** The labels of a call's JSON; none for an empty or missing text. */
export function parseLabels(text: SqlValue | undefined): Readonly<Record<string, string>> {
  return typeof text === 'string' && text !== '' ? (JSON.parse(text) as Record<string, string>) : {} // Written by us.
}

/** Whether values of `filterColumns` and `labels` match a filter. */
export function matchesFilter(filter: UsageFilter, read: (column: string) => SqlValue | undefined): boolean {
  for (const name of filterNames) {
    const wanted = filter[name]
    if (wanted !== undefined && read(filterColumns[name]) !== wanted) return false
  }
  if (filter.anyWorkspace?.has(String(read('workspace_id') ?? 'default')) === false) return false
  const wanted = Object.entries(filter.labels ?? {})
  if (wanted.length === 0) return true
  const labels = parseLabels(read('labels'))
  return wanted.every(([name, value]) => labels[name] === value)
}

/** The dimensions that a filter needs. */
export function listFilterDimensions(filter: UsageFilter): readonly RollupDimension[] {
  const named = filterNames.filter((name) => filter[name] !== undefined).map((name) => filterColumns[name])
  const workspace = filter.anyWorkspace === undefined ? [] : (['workspace_id'] as const)
  return [...named, ...workspace, ...(filter.labels === undefined ? [] : (['labels'] as const))]
}

/** Rows of older versions have no workspace; their keys are in the default one. */
export const ownWorkspace = "coalesce(workspace_id, 'default')"
