import type { Model } from '@anthology/catalog'

import { modelsTexts } from '../../texts/models.ts'
import { describeStatus, listReleased } from './model-facts.ts'

interface ModelPickerProps {
  readonly day: string
  readonly chosen: readonly Model[]
  readonly isDefault: boolean
  /** Null: the default selection. */
  readonly onChange: (ids: readonly string[] | null) => void
}

/** Selects models among those that exist on the day. */
export function ModelPicker({ day, chosen, isDefault, onChange }: ModelPickerProps) {
  const ids = new Set(chosen.map(({ id }) => id))
  const toggle = (id: string) =>
    onChange(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id])
  return (
    <details className="card model-picker">
      <summary>
        {modelsTexts.choose} <span className="muted">{modelsTexts.chosen(chosen.length)}</span>
      </summary>
      <div className="row">
        {listReleased(day).map((model) => (
          <label key={model.id} className="check">
            <input type="checkbox" checked={ids.has(model.id)} onChange={() => toggle(model.id)} />
            <span>{model.displayName}</span>
            <StatusNote model={model} day={day} />
          </label>
        ))}
      </div>
      <div className="row">
        <button type="button" className="button small" disabled={isDefault} onClick={() => onChange(null)}>
          {modelsTexts.reset}
        </button>
      </div>
    </details>
  )
}

function StatusNote({ model, day }: { readonly model: Model; readonly day: string }) {
  const { status } = describeStatus(model, 'anthropic', day)
  return status === 'active' ? null : <span className="muted small">{modelsTexts.statuses[status]}</span>
}
