import type { PageSearch } from '../../app/router.tsx'
import { Choice, Segments } from '../../parts/field.tsx'
import { usageTexts as texts } from '../../texts/usage.ts'
import type { UsageState } from './usage-state.ts'

interface UsageControlsProps {
  readonly state: UsageState
  readonly search: PageSearch
  readonly change: (changes: PageSearch) => void
}

/** The pairs of a table of texts, with its keys as they are typed. */
function listOptions<Table extends Readonly<Record<string, string>>>(table: Table) {
  const names = Object.keys(table) as (keyof Table & string)[] // The keys of the table.
  return names.map((name) => [name, table[name] ?? name] as const)
}

export function UsageControls({ state, change }: UsageControlsProps) {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [...new Set(['UTC', local, state.zone])].map((zone) => [zone, zone] as const)
  const filters = Object.entries(state.filters)
  return (
    <div className="stack">
      <Segments
        label={texts.period}
        value={state.period}
        onChange={(period) => change({ period, unit: undefined })}
        options={listOptions(texts.periods)}
      />
      <div className="filters">
        <Choice
          label={texts.groupBy}
          value={state.group}
          onChange={(group) => change({ group })}
          options={listOptions(texts.groups)}
        />
        <Choice
          label={texts.metric}
          value={state.metric}
          onChange={(metric) => change({ metric })}
          options={listOptions(texts.metrics)}
        />
        <Choice
          label={texts.unit}
          value={state.unit}
          onChange={(unit) => change({ unit })}
          options={listOptions(texts.units)}
        />
        <Choice
          label={texts.zone}
          value={state.zone}
          onChange={(zone) => change({ zone: zone === 'UTC' ? undefined : zone })}
          options={zones}
        />
      </div>
      {filters.length > 0 && (
        <div className="row">
          {filters.map(([name, value]) => (
            <span key={name} className="badge plain">
              {texts.filteredBy(texts.groups[name as keyof typeof texts.groups], value)}
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
