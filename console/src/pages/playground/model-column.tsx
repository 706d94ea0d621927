import type { Model } from '@anthology/catalog'

import { Code } from '../../parts/code.tsx'
import { Empty } from '../../parts/empty.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { AnswerView } from './answer-view.tsx'
import { BeforeSending } from './before-sending.tsx'
import type { CreatedRequest } from './create-request.ts'
import { getState } from './model-options.ts'
import type { Run } from './run.ts'

interface ModelColumnProps {
  readonly model: Model
  readonly created: CreatedRequest
  readonly run: Run | undefined
  readonly onContinue: (run: Run) => void
}

/** The price and the answer of one model. */
export function ModelColumn({ model, created, run, onContinue }: ModelColumnProps) {
  return (
    <section className="card" aria-label={`${texts.result}: ${model.displayName}`}>
      <h2>{model.displayName}</h2>
      <Lifecycle model={model} />
      <BeforeSending model={model} created={created} />
      {run === undefined ? (
        <Empty title={texts.empty}>
          <p className="muted small">{texts.emptyNext}</p>
        </Empty>
      ) : (
        <AnswerView run={run} model={model} betas={created.ok ? created.betas : []} />
      )}
      {run?.state === 'done' && (
        <button type="button" className="button small" onClick={() => onContinue(run)}>
          {texts.continueHere}
        </button>
      )}
      {created.ok && (
        <details>
          <summary className="muted small">{texts.request}</summary>
          <Code text={JSON.stringify(created.body, null, 2)} label={texts.request} />
        </details>
      )}
    </section>
  )
}

/** Nothing for a model that is not deprecated. */
function Lifecycle({ model }: { readonly model: Model }) {
  const { status, retired, replacement } = getState(model)
  if (status !== 'deprecated' && status !== 'retired') return null
  return <p className="notice warn small">{texts.lifecycle[status](retired, replacement)}</p>
}
