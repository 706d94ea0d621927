import './playground.css'

import { models as allModels } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { useEffect, useState } from 'react'

import { usePageSearch } from '../../app/search-state.ts'
import { Code } from '../../parts/code.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { AnswerView } from './answer-view.tsx'
import { BeforeSending } from './before-sending.tsx'
import { CodeDialog } from './code/code-dialog.tsx'
import { continueConversation } from './continue-conversation.ts'
import { createRequest } from './create-request.ts'
import type { CreatedRequest } from './create-request.ts'
import { createTurn, emptyDraft, exampleDraft, keepDraft, loadDraft } from './draft.ts'
import type { Draft } from './draft.ts'
import { KeyChoice } from './key-choice.tsx'
import { ModelChoice } from './model-choice.tsx'
import { findModel } from './model-options.ts'
import { MoveView } from './move-view.tsx'
import type { Run } from './run.ts'
import { SettingsPanel } from './settings-panel.tsx'
import { TurnEditor } from './turn-editor.tsx'
import { useRuns } from './use-runs.ts'
import { VariableFields } from './variable-fields.tsx'
import type { Values } from './variables.ts'

const defaultModel = 'claude-sonnet-4-5-20250929'

/** Writes a prompt, runs it on several models side by side, and shows what each said, took and cost. */
export function PlaygroundPage() {
  const [search, change] = usePageSearch()
  const [draft, setDraft] = useState(loadDraft)
  const [values, setValues] = useState<Values>({})
  const [isShowingCode, setShowingCode] = useState(false)
  const models = readModels(search['m'])
  const requests = Object.fromEntries(models.map(({ id }) => [id, createRequest(draft, id, values)]))
  const { runs, isRunning, keyProblem, start, stop } = useRuns()
  const update = (changes: Partial<Draft>) => setDraft((current) => ({ ...current, ...changes }))
  useEffect(() => keepDraft(draft), [draft])
  const run = () => void start(requests)
  useRunKey(run)
  return (
    <div className="page playground">
      <PageHead title={texts.title} lead={texts.lead}>
        <button type="button" className="button quiet" onClick={() => setDraft(exampleDraft)}>
          {texts.example}
        </button>
        <button type="button" className="button quiet" onClick={() => setDraft(emptyDraft)}>
          {texts.clear}
        </button>
        <button type="button" className="button" onClick={() => setShowingCode(true)}>
          {texts.code.button}
        </button>
        {isRunning ? (
          <button type="button" className="button" onClick={stop}>
            {texts.stop}
          </button>
        ) : (
          <button type="button" className="button primary" onClick={run}>
            {texts.run}
          </button>
        )}
      </PageHead>
      <div className="playground-head">
        <ModelChoice
          models={models}
          onChange={(ids) =>
            change({ m: ids.length === 1 && ids[0] === defaultModel ? undefined : ids.join(',') })
          }
        />
        <KeyChoice problem={keyProblem} />
      </div>
      <div className="playground-columns">
        <div className="stack playground-prompt">
          <PromptEditor draft={draft} onChange={update} />
          <VariableFields draft={draft} values={values} onChange={setValues} />
        </div>
        <div className="answers">
          {models.map((model) => (
            <ModelColumn
              key={model.id}
              model={model}
              created={requests[model.id] ?? noRequest}
              run={runs[model.id]}
              onContinue={(answered) => update({ turns: continueConversation(draft.turns, answered) })}
            />
          ))}
        </div>
        <div className="playground-settings">
          <SettingsPanel draft={draft} models={models} onChange={update} />
        </div>
      </div>
      {isShowingCode && (
        <CodeDialog models={models} requests={requests} onClose={() => setShowingCode(false)} />
      )}
      {models[0] !== undefined && <MoveView from={models[0]} created={requests[models[0].id] ?? noRequest} />}
    </div>
  )
}

const noRequest: CreatedRequest = { ok: false, problem: '' }

function readModels(text: string | undefined): readonly Model[] {
  const found = (text ?? defaultModel).split(',').flatMap((id) => findModel(id) ?? [])
  return found.length === 0 ? allModels.slice(0, 1) : found
}

/** Ctrl+Enter runs, wherever the focus is. */
function useRunKey(run: () => void): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  })
}

interface PromptEditorProps {
  readonly draft: Draft
  readonly onChange: (changes: Partial<Draft>) => void
}

function PromptEditor({ draft: { system, turns }, onChange }: PromptEditorProps) {
  return (
    <>
      <label className="field card">
        <span>{texts.system}</span>
        <textarea
          className="input"
          rows={3}
          value={system}
          onChange={({ target }) => onChange({ system: target.value })}
        />
      </label>
      {turns.map((turn, index) => (
        <TurnEditor
          key={turn.id}
          turn={turn}
          number={index + 1}
          onChange={(changed) => onChange({ turns: turns.with(index, changed) })}
          onRemove={turns.length === 1 ? null : () => onChange({ turns: turns.toSpliced(index, 1) })}
        />
      ))}
      <div className="row">
        <button
          type="button"
          className="button small"
          onClick={() => onChange({ turns: [...turns, createTurn('user', '')] })}
        >
          {texts.addUser}
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => onChange({ turns: [...turns, createTurn('assistant', '')] })}
        >
          {texts.addAssistant}
        </button>
      </div>
    </>
  )
}

interface ModelColumnProps {
  readonly model: Model
  readonly created: CreatedRequest
  readonly run: Run | undefined
  readonly onContinue: (run: Run) => void
}

function ModelColumn({ model, created, run, onContinue }: ModelColumnProps) {
  return (
    <section className="card" aria-label={`${texts.result}: ${model.displayName}`}>
      <h2>{model.displayName}</h2>
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
