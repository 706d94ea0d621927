import { useId } from 'react'

import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { ToolCall, ToolResult } from './tool-calls.ts'

interface ToolResultEditorProps {
  readonly block: ToolResult
  /** Their ids are offered. */
  readonly calls: readonly ToolCall[]
  readonly onChange: (block: ToolResult) => void
}

/** Edits the result of a tool: the call that it answers, its text, and whether it is an error. */
export function ToolResultEditor({ block, calls, onChange }: ToolResultEditorProps) {
  const listId = useId()
  const setId = (toolUseId: string) => {
    const call = calls.find(({ id }) => id === toolUseId)
    onChange({ ...block, toolUseId, toolName: call?.name ?? '' })
  }
  return (
    <>
      <label className="field">
        <span>{texts.toolUseId}</span>
        <input
          className="input mono"
          list={listId}
          value={block.toolUseId}
          onChange={({ target }) => setId(target.value)}
        />
        <datalist id={listId}>
          {calls.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </datalist>
      </label>
      <label className="field">
        <span>{texts.toolResult(block.toolName)}</span>
        <textarea
          className="input mono"
          value={block.text}
          rows={3}
          onChange={({ target }) => onChange({ ...block, text: target.value })}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={block.isError}
          onChange={({ target }) => onChange({ ...block, isError: target.checked })}
        />
        <span>{texts.isError}</span>
      </label>
    </>
  )
}
