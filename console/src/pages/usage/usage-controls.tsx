import { useQuery } from '@tanstack/react-query'

import { isOwnerKind, useOwners } from '../../api/owners.ts'
import type { OwnerKind } from '../../api/owners.ts'
import { serverQuery } from '../../api/server.ts'
import type { PageSearch } from '../../app/router.tsx'
import { Choice, Segments } from '../../parts/field.tsx'
import { usageTexts as texts } from '../../texts/usage.ts'
import { isLabel, isTime, listUnits, nameGroup } from './usage-state.ts'
import type { Group, UsageState } from './usage-state.ts'

interface UsageControlsProps {
  readonly state: UsageState
  readonly change: (changes: PageSearch) => void
}

/** The pairs of a table of texts, with its keys as they are typed. */
function listOptions<Table extends Readonly<Record<string, string>>>(table: Table) {
  const names = Object.keys(table) as (keyof Table & string)[] // The keys of the table.
  return names.map((name) => [name, table[name] ?? name] as const)
}

/** The period and the filters, which every view of the page has. */
export function UsageScope({ state, change }: UsageControlsProps) {
  const filters = Object.entries(state.filters)
  return (
    <div className="stack">
      <Segments
        label={texts.period}
        value={state.period}
        onChange={(next) => change({ period: next, unit: undefined })}
        options={listOptions(texts.periods)}
      />
      {filters.length > 0 && (
        <div className="row">
          {filters.map(([name, value]) => (
            <span key={name} className="badge plain">
              {texts.groups[name as keyof typeof texts.groups]}:{' '}
              {isOwnerKind(name) ? <OwnerName kind={name} id={value} /> : <bdi>{value}</bdi>}
            </span>
          ))}
          <button
            type="button"
            className="button small"
            onClick={() => change(Object.fromEntries(filters.map(([name]) => [name, undefined])))}
          >
            {texts.clearFilter}
          </button>
        </div>
      )}
    </div>
  )
}

/** The groupings and the number that the report of usage shows. */
export function UsageControls({ state, change }: UsageControlsProps) {
  const { group, unit, period } = state
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [...new Set(['UTC', local, state.zone])].map((zone) => [zone, zone] as const)
  const groups = useGroups(state)
  return (
    <div className="filters">
      <Choice
        label={texts.groupBy}
        value={group}
        onChange={(next) => change({ group: next })}
        options={groups.map((one) => [one, nameGroup(one)] as const)}
      />
      <Choice
        label={texts.unit}
        value={unit}
        onChange={(next) => change({ unit: next })}
        options={[...listUnits(period), ...groups.filter((one) => one !== group)].map(
          (one) => [one, nameGroup(one)] as const,
        )}
      />
      <Choice
        label={texts.metric}
        value={state.metric}
        onChange={(metric) => change({ metric })}
        options={listOptions(texts.metrics)}
      />
      <Choice
        label={texts.zone}
        value={state.zone}
        onChange={(zone) => change({ zone: zone === 'UTC' ? undefined : zone })}
        options={zones}
      />
    </div>
  )
}

function OwnerName({ kind, id }: { readonly kind: OwnerKind; readonly id: string }) {
  const owner = useOwners(kind).owners.find((one) => one.id === id)
  return <bdi>{owner?.name ?? id}</bdi>
}

/** All dimensions: those of the table, the labels that the configuration allows, and those of the address. */
function useGroups({ group, unit }: UsageState): readonly Group[] {
  const labels = useQuery(serverQuery).data?.labels ?? []
  const fixed = Object.keys(texts.groups) as Group[] // The keys of the table.
  const inAddress = isTime(unit) ? [group] : [group, unit]
  return [
    ...new Set([...fixed, ...labels.map((name): Group => `label:${name}`), ...inAddress.filter(isLabel)]),
  ]
}
