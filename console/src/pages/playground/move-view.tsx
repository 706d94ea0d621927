import { compare, models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Choice } from '../../parts/field.tsx'
import { printFact } from '../../parts/print-fact.ts'
import { factNames } from '../../texts/facts.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { CreatedRequest } from './create-request.ts'
import { findProblems, getDefaultModel, getState, getToday } from './model-options.ts'

interface MoveViewProps {
  readonly from: Model
  readonly created: CreatedRequest
}

/** Shows what the API would refuse if the same request went to another model, and which facts differ. */
export function MoveView({ from, created }: MoveViewProps) {
  const others = models.filter(({ id }) => id !== from.id)
  const [{ to }, change] = usePageSearch()
  const usualId = getState(from).replacement ?? getDefaultModel()?.id
  const find = (wanted: string | undefined) => others.find(({ id }) => id === wanted)
  const target = find(to) ?? find(usualId) ?? others[0]
  return (
    <details className="card" open={to !== undefined || undefined}>
      <summary>{texts.move}</summary>
      {target !== undefined && (
        <div className="stack">
          <div className="choices">
            <Choice
              label={texts.moveTarget}
              value={target.id}
              onChange={(id) => change({ to: id })}
              options={others.map(({ id, displayName }) => [id, displayName])}
            />
          </div>
          <Changes from={from} target={target} created={created} />
        </div>
      )}
    </details>
  )
}

function Changes({ from, target, created }: MoveViewProps & { readonly target: Model }) {
  const refused = findProblems(created, target).filter(({ severity }) => severity === 'error')
  const facts = compare([from, target], { asOf: getToday() }).filter(({ differs }) => differs)
  return (
    <div className="stack">
      {created.ok && refused.length === 0 && <p className="notice good">{texts.moveNothing}</p>}
      {refused.length > 0 && (
        <>
          <h3>{texts.moveRefused}</h3>
          <ul className="stack">
            {refused.map(({ code, status, message, hint }) => (
              <li key={code} className="notice bad small">
                <strong>{status}</strong> {message}
                <span className="block muted">{hint}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{texts.moveChanges}</h3>
      <DataTable
        caption={texts.moveChanges}
        rows={facts}
        getId={({ field }) => field}
        columns={[
          { title: texts.moveFact, cell: ({ field }) => factNames[field], isHeading: true },
          { title: from.displayName, cell: ({ values }) => printFact(values[0]) },
          { title: target.displayName, cell: ({ values }) => printFact(values[1]) },
        ]}
      />
    </div>
  )
}
