import type { Model } from '@anthology/catalog'

import { CopyButton } from '../../parts/copy-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { describeStatus, findName, platforms } from './model-facts.ts'
import { listNameSources } from './source-lists.ts'
import { createSourcesColumn } from './sources-column.tsx'

/** The ids of the models on every platform, to copy. */
export function NameTable({ models, day }: { readonly models: readonly Model[]; readonly day: string }) {
  const { names } = modelsTexts
  return (
    <>
      <p className="muted">{names.lead}</p>
      <DataTable
        caption={modelsTexts.tabs.names}
        rows={models}
        getId={({ id }) => id}
        columns={[
          { title: modelsTexts.model, cell: ({ displayName }) => displayName, isHeading: true },
          { title: names.alias, cell: ({ aliases }) => <Names names={aliases} /> },
          ...platforms.map((platform) => ({
            title: modelsTexts.platforms[platform],
            cell: (model: Model) => {
              const name = findName(model, platform, day)
              const { status, text } = describeStatus(model, platform, day)
              return (
                <>
                  {name === null ? (
                    <span className="muted">{names.notOffered}</span>
                  ) : (
                    <Names names={[name]} />
                  )}
                  {name !== null && status !== 'active' && status !== 'unknown' && (
                    <span className="muted small block">{text}</span>
                  )}
                </>
              )
            },
          })),
          createSourcesColumn<Model>({
            day,
            of: ({ displayName }) => modelsTexts.sources.names(displayName),
            read: (model) => listNameSources(model, day),
          }),
        ]}
      />
    </>
  )
}

function Names({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return modelsTexts.unknown
  return names.map((name) => (
    <span key={name} className="copied-name">
      <code>{name}</code>
      <CopyButton text={name} label={name} />
    </span>
  ))
}
