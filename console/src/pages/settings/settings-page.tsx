import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { routingQuery } from '../../api/routing.ts'
import { serverQuery } from '../../api/server.ts'
import type { Retention } from '../../api/server.ts'
import { settingsQuery } from '../../api/settings.ts'
import type { LimitSetting } from '../../api/settings.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { Badge } from '../../parts/badge.tsx'
import { Code } from '../../parts/code.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Facts } from '../../parts/facts.tsx'
import { FilterField } from '../../parts/field.tsx'
import { formatCount } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { settingsTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { EffectiveSettings } from './effective-settings.tsx'

export function SettingsPage() {
  const query = useQuery(settingsQuery)
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/settings']} lead={texts.lead} />
      <QueryState query={query}>
        {({ configuration, settings, limits }) => (
          <>
            <ChangedRouting />
            {settings.length > 0 && <EffectiveSettings settings={settings} />}
            <Stored />
            <section className="card">
              <h2>{texts.configuration}</h2>
              {configuration === null || Object.keys(configuration).length === 0 ? (
                <p className="muted">{texts.noConfiguration}</p>
              ) : (
                <Code label={texts.configuration} text={JSON.stringify(configuration, null, 2)} />
              )}
            </section>
            <Limits limits={limits} />
          </>
        )}
      </QueryState>
    </div>
  )
}

/** The members of the configuration that are not in force, because they were changed at run time. */
function ChangedRouting() {
  const { data } = useQuery(routingQuery)
  const changed = [
    ...(data?.weights.source === 'api' ? [texts.weights] : []),
    ...(data?.aliases ?? [])
      .filter(({ source, problem }) => source === 'api' && problem === null)
      .map(({ name }) => texts.alias(name)),
  ]
  if (changed.length === 0) return null
  return (
    <p className="notice">
      {texts.changedRouting(changed.join(', '))} <Link to="/routing">{texts.showRouting}</Link>
    </p>
  )
}

/** The kinds of stored data, and their retention. */
function Stored() {
  const { data } = useQuery(serverQuery)
  const describe = ({ days, since }: Retention['calls']) =>
    days === null || since === null ? texts.keptForever : texts.kept(formatCount(days), since.slice(0, 10))
  return (
    <section className="card">
      <h2>{texts.retention}</h2>
      {data !== undefined && (
        <Facts
          facts={[
            [texts.calls, describe(data.retention.calls)],
            [texts.sums, describe(data.retention.rollups)],
            [
              texts.bodies,
              data.retention.bodies === null ? texts.neverStored : describe(data.retention.bodies),
            ],
          ]}
        />
      )}
    </section>
  )
}

function Limits({ limits }: { readonly limits: readonly LimitSetting[] }) {
  const [search, change] = usePageSearch()
  const wanted = (search['limit'] ?? '').toLowerCase()
  const titles = texts.columns
  const found = limits.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  )
  return (
    <section className="stack">
      <h2>{texts.limits}</h2>
      <FilterField
        label={texts.find}
        value={search['limit'] ?? ''}
        isFirstFilter
        onChange={(limit) => change({ limit })}
      />
      {found.length === 0 ? (
        <Empty title={texts.noLimit} />
      ) : (
        <DataTable
          caption={texts.limitsCaption}
          rows={found}
          getId={({ name }) => name}
          columns={[
            { title: titles.name, isHeading: true, cell: ({ name }) => <code>{name}</code> },
            {
              title: titles.value,
              isNumber: true,
              cell: ({ value, default: usual, unit }) => (
                <>
                  {value !== usual && <Badge tone="warn">{texts.changed}</Badge>} {printLimit(value, unit)}
                </>
              ),
            },
            {
              title: titles.default,
              isNumber: true,
              cell: ({ default: usual, unit }) => printLimit(usual, unit),
            },
            {
              title: titles.meaning,
              cell: ({ description }) => <span className="prose">{description}</span>,
            },
            { title: titles.exceeded, cell: ({ exceeded }) => <span className="prose">{exceeded}</span> },
          ]}
        />
      )}
    </section>
  )
}

function printLimit(value: number, unit: string): string {
  return unit === 'count' ? formatCount(value) : `${formatCount(value)} ${unit}`
}
