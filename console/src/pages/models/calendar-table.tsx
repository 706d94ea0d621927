import { calendar } from '@anthology/catalog'
import type { CalendarEntry, Platform } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import { Badge } from '../../parts/badge.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Name } from '../../parts/name.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Choice } from '../../parts/field.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { platforms } from './model-facts.ts'
import { listRetirementSources } from './source-lists.ts'
import { createSourcesColumn } from './sources-column.tsx'

/** The retirements after the day on one platform, soonest first. */
export function CalendarTable({ day }: { readonly day: string }) {
  const [search, change] = usePageSearch()
  const platform = platforms.find((name) => name === search['platform']) ?? 'anthropic'
  const texts = modelsTexts.calendar
  const rows = calendar({ asOf: day, platform })
  return (
    <>
      <p className="muted">{texts.lead}</p>
      <div className="filters">
        <Choice<Platform>
          label={texts.platform}
          value={platform}
          onChange={(value) => change({ platform: value === 'anthropic' ? undefined : value })}
          options={platforms.map((name) => [name, modelsTexts.platforms[name]])}
        />
      </div>
      {rows.length === 0 ? (
        <Empty title={texts.none} />
      ) : (
        <DataTable
          caption={modelsTexts.tabs.calendar}
          rows={rows}
          getId={({ model }) => model}
          columns={[
            { title: texts.day, cell: (row) => <Day {...row} />, isHeading: true },
            { title: texts.event, cell: (row) => <Event {...row} /> },
            { title: texts.model, cell: ({ name }) => <Name text={name} /> },
            { title: texts.replacement, cell: (row) => <Replacement {...row} /> },
            createSourcesColumn<CalendarEntry>({
              day,
              of: ({ name }) => modelsTexts.sources.retirement(name),
              read: (row) => listRetirementSources(row, day),
            }),
          ]}
        />
      )}
    </>
  )
}

function Day({ day }: CalendarEntry) {
  return <span className="nowrap">{day ?? modelsTexts.calendar.noDay}</span>
}

function Event({ event }: CalendarEntry) {
  return <Badge tone={event === 'retires' ? 'warn' : 'neutral'}>{modelsTexts.calendar[event]}</Badge>
}

function Replacement({ replacement }: CalendarEntry) {
  return replacement === null ? modelsTexts.unknown : <code className="nowrap">{replacement}</code>
}
