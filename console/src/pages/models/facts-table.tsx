import { compare } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import { CodeText } from '../../parts/code-text.tsx'
import { printFact } from '../../parts/print-fact.ts'
import { Stacked } from '../../parts/stacked.tsx'
import { factNames } from '../../texts/facts.ts'
import { modelsTexts } from '../../texts/models.ts'
import { factGroups, listGroup } from './source-lists.ts'
import { SourceLists } from './sources-button.tsx'

/** Every fact of the catalog side by side, and the pages that state them. */
export function FactsTable({ models, day }: { readonly models: readonly Model[]; readonly day: string }) {
  const [search, change] = usePageSearch()
  const onlyDifferences = search['differences'] === 'yes'
  const rows = compare(models, { asOf: day }).filter(({ differs }) => differs || !onlyDifferences)
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={onlyDifferences}
          onChange={({ target }) => change({ differences: target.checked ? 'yes' : undefined })}
        />
        <span>{modelsTexts.onlyDifferences}</span>
      </label>
      <div className="table-frame" tabIndex={0} role="region" aria-label={modelsTexts.tabs.facts}>
        <table className="table model-table">
          <caption className="visually-hidden">{modelsTexts.tabs.facts}</caption>
          <thead>
            <tr>
              <th scope="col">{modelsTexts.facts.field}</th>
              {models.map(({ id, displayName }) => (
                <th key={id} scope="col">
                  {displayName}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ field, values, differs }) => (
              <tr key={field} className={differs ? 'differs' : undefined}>
                <th scope="row">
                  <Stacked below={<code>{field}</code>}>{factNames[field]}</Stacked>
                </th>
                {values.map((value, index) => (
                  <td key={models[index]?.id}>{printFact(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {models.map((model) => (
        <Sources key={model.id} model={model} day={day} />
      ))}
    </>
  )
}

function Sources({ model, day }: { readonly model: Model; readonly day: string }) {
  return (
    <details className="card">
      <summary>
        {modelsTexts.sources.title}: {model.displayName}
      </summary>
      <div className="stack">
        <SourceLists lists={factGroups.map((group) => listGroup(model, group, day))} day={day} />
        {model.uncertain.length > 0 && (
          <ul className="stack small">
            {model.uncertain.map((text) => (
              <li key={text} className="muted">
                {modelsTexts.facts.uncertain}: <CodeText text={text} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  )
}
