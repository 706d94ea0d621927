import './playground.css'

import type { Model } from '@anthology/catalog'
import { useEffect } from 'react'

import type { PageSearch } from '../../app/router.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { createContent } from './content.ts'
import type { Content } from './content.ts'
import { continueConversation } from './continue-conversation.ts'
import { createRequest } from './create-request.ts'
import type { CreatedRequest } from './create-request.ts'
import type { Draft } from './draft.ts'
import { KeyChoice } from './key-choice.tsx'
import { maxModels, ModelChoice } from './model-choice.tsx'
import { ModelColumn } from './model-column.tsx'
import { findModel, getDefaultModel } from './model-options.ts'
import { MoveView } from './move-view.tsx'
import { listReplacedMembers } from './other-members.ts'
import { PlaygroundHead } from './playground-head.tsx'
import { PromptEditor } from './prompt-editor.tsx'
import { useSavedPrompt } from './prompts/use-saved-prompt.ts'
import { TestRows } from './rows/test-rows.tsx'
import { SettingsPanel } from './settings-panel.tsx'
import { useContentLink } from './share/use-content-link.ts'
import { useContent } from './use-content.ts'
import { useRuns } from './use-runs.ts'
import { useStoredRequest } from './use-stored-request.ts'
import { VariableFields } from './variable-fields.tsx'

/** Writes a prompt, runs it on several models side by side, and shows what each said, took and cost. */
export function PlaygroundPage() {
  const [search, change] = usePageSearch()
  const { runs, isRunning, keyProblem, start, stop, clear } = useRuns()
  const { content, update, updateDraft, replace, undo } = useContent(clear)
  const { draft, values, rows } = content
  const models = readModels(search['m'])
  const requests = Object.fromEntries(models.map(({ id }) => [id, createRequest(draft, id, values)]))
  const showModels = (ids: readonly string[]) => {
    const isUsual = search['call'] === undefined && ids.length === 1 && ids[0] === getDefaultModel()?.id
    change({ m: isUsual ? undefined : ids.join(',') })
  }
  const { problem, skip } = useNamedContent(search, (named, ids) => {
    replace(named)
    if (ids.length > 0) showModels(ids)
  })
  const link = useContentLink((linked) => {
    replace(linked)
    showModels(linked.models)
  })
  const run = () => {
    void start(requests)
    showAnswers()
  }
  useRunKey(run)
  return (
    <div className="page playground">
      <PlaygroundHead
        content={content}
        models={models}
        requests={requests}
        isRunning={isRunning}
        onContent={replace}
        onRun={run}
        onStop={stop}
        onSaved={skip}
      />
      <Problem text={problem ?? (link === 'unreadable' ? texts.share.unreadable : null)} />
      {link === 'loaded' && <p className="notice warn">{texts.share.opened}</p>}
      {undo !== null && <Replaced onUndo={undo} />}
      <div className="playground-head">
        <ModelChoice models={models} onChange={showModels} />
        <KeyChoice problem={keyProblem} />
      </div>
      <div className={models.length > 1 ? 'playground-columns compares' : 'playground-columns'}>
        <div className="stack playground-prompt">
          <ReplacedMembers draft={draft} />
          <PromptEditor draft={draft} onChange={updateDraft} />
          <VariableFields draft={draft} values={values} onChange={(changed) => update({ values: changed })} />
        </div>
        <div className="answers">
          {models.map((model) => (
            <ModelColumn
              key={model.id}
              model={model}
              created={requests[model.id] ?? noRequest}
              run={runs[model.id]}
              onContinue={(answered) => updateDraft({ turns: continueConversation(draft.turns, answered) })}
            />
          ))}
        </div>
        <div className="playground-settings">
          <SettingsPanel draft={draft} models={models} onChange={updateDraft} />
        </div>
      </div>
      <TestRows draft={draft} models={models} rows={rows} setRows={(changed) => update({ rows: changed })} />
      {models[0] !== undefined && <MoveView from={models[0]} created={requests[models[0].id] ?? noRequest} />}
    </div>
  )
}

/** Loads what the address names: a version of a saved prompt, or the stored request of a call. */
function useNamedContent(search: PageSearch, load: (content: Content, models: readonly string[]) => void) {
  const saved = useSavedPrompt(search['prompt'], search['version'], ({ models, ...content }) =>
    load(content, models),
  )
  const problem = useStoredRequest(search['call'], (draft, model) =>
    load(createContent(draft), search['m'] === undefined ? [model] : []),
  )
  return { problem: saved.problem ?? problem, skip: saved.skip }
}

function Problem({ text }: { readonly text: string | null }) {
  if (text === null) return null
  return (
    <p className="notice bad" role="alert">
      {text}
    </p>
  )
}

/** After an example, a saved prompt or an empty one took the place of a prompt that was not saved. */
function Replaced({ onUndo }: { readonly onUndo: () => void }) {
  return (
    <div className="notice row" role="status">
      <span>{texts.replaced}</span>
      <button type="button" className="button small" onClick={onUndo}>
        {texts.undo}
      </button>
    </div>
  )
}

/** A field whose value is not sent would seem to have no effect. */
function ReplacedMembers({ draft }: { readonly draft: Draft }) {
  const names = listReplacedMembers(draft)
  return names.length === 0 ? null : <p className="notice">{texts.replacedMembers(names.join(', '))}</p>
}

const noRequest: CreatedRequest = { ok: false, problem: '' }

function readModels(text: string | undefined): readonly Model[] {
  const ids = new Set((text ?? '').split(','))
  const found = [...ids].flatMap((id) => findModel(id) ?? []).slice(0, maxModels)
  return found.length > 0 ? found : [getDefaultModel()].filter((model) => model !== undefined)
}

/** In a narrow window the answers begin below its edge, and a run would seem to do nothing. */
function showAnswers(): void {
  const answers = document.querySelector('.answers')
  if (answers === null || answers.getBoundingClientRect().top < window.innerHeight * 0.7) return
  answers.scrollIntoView({ block: 'start' })
}

/** Ctrl+Enter runs, wherever the focus is. */
function useRunKey(run: () => void): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      if (document.querySelector('[role="dialog"]') !== null) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  })
}
