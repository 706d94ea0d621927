import { compare, models } from '@anthology/catalog'
import type { ComparedValue, Model } from '@anthology/catalog'
import { useState } from 'react'

import { DataTable } from '../../parts/data-table.tsx'
import { Choice } from '../../parts/field.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { CreatedRequest } from './create-request.ts'
import { findProblems, getToday } from './model-options.ts'

interface MoveViewProps {
  readonly from: Model
  readonly created: CreatedRequest
}

/** Shows what the API would refuse if the same request went to another model, and which facts differ. */
export function MoveView({ from, created }: MoveViewProps) {
  const [targetId, setTarget] = useState(models[0]?.id ?? '')
  const target = models.find(({ id }) => id === targetId)
  return (
    <details className="card">
      <summary>{texts.move}</summary>
      <div className="filters">
        <Choice
          label={texts.moveTarget}
          value={targetId}
          onChange={setTarget}
          options={models.filter(({ id }) => id !== from.id).map(({ id, displayName }) => [id, displayName])}
        />
      </div>
      {target !== undefined && target.id !== from.id && (
        <Changes from={from} target={target} created={created} />
      )}
    </details>
  )
}

function Changes({ from, target, created }: MoveViewProps & { readonly target: Model }) {
  const refused = findProblems(created, target).filter(({ severity }) => severity === 'error')
  const facts = compare([from, target], { asOf: getToday() }).filter(({ differs }) => differs)
  return (
    <div className="stack">
      <h3>{texts.moveRefused}</h3>
      {refused.length === 0 ? (
        <p className="muted">{texts.moveNothing}</p>
      ) : (
        <ul className="stack">
          {refused.map(({ code, status, message, hint }) => (
            <li key={code} className="notice bad small">
              <strong>{status}</strong> {message}
              <span className="block muted">{hint}</span>
            </li>
          ))}
        </ul>
      )}
      <h3>{texts.moveChanges}</h3>
      <DataTable
        caption={texts.moveChanges}
        rows={facts}
        getId={({ field }) => field}
        columns={[
          { title: texts.moveChanges, cell: ({ field }) => <code>{field}</code>, isHeading: true },
          { title: from.displayName, cell: ({ values }) => print(values[0]) },
          { title: target.displayName, cell: ({ values }) => print(values[1]) },
        ]}
      />
    </div>
  )
}

function print(value: ComparedValue | undefined): string {
  return value === null || value === undefined ? '–' : String(value)
}
