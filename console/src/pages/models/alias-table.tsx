import { aliases, aliasTarget } from '@anthology/catalog'

import { DataTable } from '../../parts/data-table.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { listAliasSources } from './source-lists.ts'
import { createSourcesColumn } from './sources-column.tsx'

/** Every alias with the model that it means on the day, and all of its targets over time. */
export function AliasTable({ day }: { readonly day: string }) {
  const texts = modelsTexts.aliases
  const rows = [...aliases]
    .map(([alias, targets]) => ({ alias, targets, target: aliasTarget(targets, day)?.model }))
    .toSorted((one, other) => one.alias.localeCompare(other.alias))
  return (
    <>
      <p className="muted">{texts.lead}</p>
      <DataTable
        caption={modelsTexts.tabs.aliases}
        rows={rows}
        getId={({ alias }) => alias}
        columns={[
          { title: texts.alias, cell: ({ alias }) => <code>{alias}</code>, isHeading: true },
          { title: texts.target, cell: ({ target }) => <Target model={target} /> },
          {
            title: texts.history,
            cell: ({ targets }) => (
              <ul>
                {targets.map(({ from, model }) => (
                  <li key={from} className="muted small nowrap">
                    {texts.from(from, model)}
                  </li>
                ))}
              </ul>
            ),
          },
          createSourcesColumn<(typeof rows)[number]>({
            day,
            of: ({ alias }) => modelsTexts.sources.alias(alias),
            read: ({ targets }) => listAliasSources(targets),
          }),
        ]}
      />
    </>
  )
}

function Target({ model }: { readonly model: string | undefined }) {
  return model === undefined ? modelsTexts.unknown : <code className="nowrap">{model}</code>
}
