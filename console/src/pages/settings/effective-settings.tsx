import type { EffectiveSetting } from '../../api/settings.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Name, Names } from '../../parts/name.tsx'
import { settingsTexts as texts } from '../../texts/manage.ts'

/** The settings that the server runs with, and the source of each. */
export function EffectiveSettings({ settings }: { readonly settings: readonly EffectiveSetting[] }) {
  const { settingColumns: titles } = texts
  return (
    <section className="stack">
      <h2>{texts.effective}</h2>
      <DataTable
        caption={texts.effectiveCaption}
        rows={settings}
        getId={({ name }) => name}
        columns={[
          { title: titles.name, isHeading: true, cell: ({ name }) => <code>{name}</code> },
          { title: titles.value, cell: ({ value }) => <Value value={value} /> },
          { title: titles.source, cell: (setting) => <Source {...setting} /> },
        ]}
      />
    </section>
  )
}

function Value({ value }: Pick<EffectiveSetting, 'value'>) {
  if (typeof value === 'object')
    return value.length === 0 ? <span className="muted">{texts.none}</span> : <Names texts={value} />
  if (typeof value === 'boolean') return texts.switches[value ? 'on' : 'off']
  return <Name text={String(value)} />
}

function Source({ source, origin }: Pick<EffectiveSetting, 'source' | 'origin'>) {
  if (source === 'default') return <span className="muted">{texts.sources.default}</span>
  return (
    <span className="nowrap">
      {texts.sources[source]} {origin !== null && <code>{origin}</code>}
    </span>
  )
}
