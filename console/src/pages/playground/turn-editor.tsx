import type { ClipboardEvent, DragEvent } from 'react'

import { showToast } from '../../parts/toast.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { BlockEditor } from './block-editor.tsx'
import type { Block, Turn } from './draft.ts'
import { readFileBlocks } from './read-file.ts'
import { addToolResult } from './tool-calls.ts'
import type { ToolCall } from './tool-calls.ts'

interface TurnEditorProps {
  readonly turn: Turn
  /** From 1. */
  readonly number: number
  /** The calls of tools in the messages before. */
  readonly calls: readonly ToolCall[]
  readonly onChange: (turn: Turn) => void
  readonly onRemove: (() => void) | null
}

/** Edits one message: its texts, results of tools, and files, which can also be dropped or pasted. */
export function TurnEditor({ turn, number, calls, onChange, onRemove }: TurnEditorProps) {
  const { role, blocks } = turn
  const label = texts.messageText(texts.roles[role], number)
  const setBlocks = (changed: readonly Block[]) => onChange({ ...turn, blocks: changed })
  const addFiles = async (files: Iterable<File>) => {
    const read = await readFileBlocks(files)
    for (const name of read.refused) showToast(texts.attachFailed(name))
    if (read.blocks.length > 0) setBlocks([...read.blocks, ...blocks])
  }
  const drop = (event: ClipboardEvent | DragEvent) => {
    const transfer = 'clipboardData' in event ? event.clipboardData : event.dataTransfer
    if (transfer.files.length === 0) return
    event.preventDefault()
    void addFiles(transfer.files)
  }
  return (
    <section className="card turn" aria-label={label} onDrop={drop} onPaste={drop}>
      <div className="card-head">
        <h2 className="turn-head">{texts.roles[role]}</h2>
        <div className="row">
          <BreakpointChoice label={label} turn={turn} onChange={onChange} />
          {role === 'user' && (
            <button
              type="button"
              className="button quiet small"
              aria-label={`${texts.addToolResult}: ${label}`}
              onClick={() => setBlocks(addToolResult(blocks, calls))}
            >
              {texts.addToolResult}
            </button>
          )}
          {role === 'user' && <AttachButton label={label} onFiles={(files) => void addFiles(files)} />}
          {onRemove !== null && (
            <button
              type="button"
              className="button quiet small"
              aria-label={`${texts.remove}: ${label}`}
              onClick={onRemove}
            >
              {texts.remove}
            </button>
          )}
        </div>
      </div>
      {blocks.map((block, index) => (
        <BlockEditor
          key={`${turn.id} ${index}`}
          block={block}
          label={label}
          calls={calls}
          onChange={(changed) => setBlocks(blocks.with(index, changed))}
          onRemove={() => setBlocks(blocks.toSpliced(index, 1))}
        />
      ))}
    </section>
  )
}

interface BreakpointChoiceProps {
  readonly label: string
  readonly turn: Turn
  readonly onChange: (turn: Turn) => void
}

/** Whether the prompt is cached up to the end of the message, and for how long. */
function BreakpointChoice({ label, turn, onChange }: BreakpointChoiceProps) {
  const { cache, ...rest } = turn
  return (
    <select
      className="input breakpoint"
      aria-label={`${texts.breakpoint}: ${label}`}
      value={cache ?? ''}
      onChange={({ target: { value } }) =>
        onChange(value === '5m' || value === '1h' ? { ...rest, cache: value } : rest)
      }
    >
      {Object.entries(texts.breakpoints).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

interface AttachButtonProps {
  readonly label: string
  readonly onFiles: (files: FileList) => void
}

function AttachButton({ label, onFiles }: AttachButtonProps) {
  return (
    <label className="button quiet small file-button">
      {texts.attach}
      <input
        type="file"
        className="visually-hidden"
        accept="image/png,image/jpeg,image/gif,image/webp,application/pdf"
        aria-label={`${texts.attach}: ${label}`}
        multiple
        onChange={({ target }) => target.files !== null && onFiles(target.files)}
      />
    </label>
  )
}
