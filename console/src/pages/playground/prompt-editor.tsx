import { playgroundTexts as texts } from '../../texts/playground.ts'
import { createTurn } from './draft.ts'
import type { Draft } from './draft.ts'
import { listCalls } from './tool-calls.ts'
import { TurnEditor } from './turn-editor.tsx'

interface PromptEditorProps {
  readonly draft: Draft
  readonly onChange: (changes: Partial<Draft>) => void
}

/** The system prompt and the messages. */
export function PromptEditor({ draft: { system, turns }, onChange }: PromptEditorProps) {
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
          calls={listCalls(turns.slice(0, index))}
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
