import { models as allModels } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { Choice } from '../../parts/field.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { getState } from './model-options.ts'

/** More columns than these are too narrow to read. */
export const maxModels = 4

interface ModelChoiceProps {
  readonly models: readonly Model[]
  readonly onChange: (ids: readonly string[]) => void
}

/** Chooses one to four models. */
export function ModelChoice({ models, onChange }: ModelChoiceProps) {
  const ids = models.map(({ id }) => id)
  const isFree = (id: string) => !ids.includes(id)
  const next = allModels.find(({ id }) => isFree(id))
  return (
    <div className="row model-choice" role="group" aria-label={texts.models}>
      {models.map((model, index) => (
        <div key={model.id} className="row">
          <Choice
            label={texts.model(index + 1)}
            value={model.id}
            onChange={(id) => onChange(ids.with(index, id))}
            options={allModels
              .filter(({ id }) => id === model.id || isFree(id))
              .map((one) => [one.id, nameModel(one)])}
          />
          {models.length > 1 && (
            <button
              type="button"
              className="button quiet small"
              aria-label={`${texts.remove}: ${model.displayName}`}
              onClick={() => onChange(ids.toSpliced(index, 1))}
            >
              {texts.remove}
            </button>
          )}
        </div>
      ))}
      {models.length < maxModels && next !== undefined && (
        <button type="button" className="button small" onClick={() => onChange([...ids, next.id])}>
          {texts.addModel}
        </button>
      )}
    </div>
  )
}

function nameModel(model: Model): string {
  const { status } = getState(model)
  return status === 'active'
    ? model.displayName
    : texts.modelWith(model.displayName, modelsTexts.statuses[status])
}
