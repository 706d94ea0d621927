import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { Block } from './draft.ts'
import { printValue } from './members.ts'
import { ToolResultEditor } from './tool-result-editor.tsx'
import type { ToolCall } from './tool-calls.ts'

interface BlockEditorProps {
  readonly block: Block
  readonly label: string
  /** The calls of tools in the messages before. */
  readonly calls: readonly ToolCall[]
  readonly onChange: (block: Block) => void
  readonly onRemove: () => void
}

/** Edits one content block of a message. */
export function BlockEditor({ block, label, calls, onChange, onRemove }: BlockEditorProps) {
  switch (block.kind) {
    case 'text':
      return (
        <textarea
          className="input"
          aria-label={label}
          value={block.text}
          rows={Math.min(16, Math.max(3, block.text.split('\n').length))}
          onChange={({ target }) => onChange({ ...block, text: target.value })}
        />
      )
    case 'file':
      return (
        <div className="row attachment">
          {block.mediaType.startsWith('image/') && (
            <img src={`data:${block.mediaType};base64,${block.data}`} alt="" />
          )}
          <span>{block.name}</span>
          <RemoveButton label={block.name} onRemove={onRemove} />
        </div>
      )
    case 'tool_result':
      return (
        <div className="stack tool-result">
          <ToolResultEditor block={block} calls={calls} onChange={onChange} />
          <RemoveButton label={texts.toolResultName(block.toolName)} onRemove={onRemove} />
        </div>
      )
    case 'raw':
      return (
        <details className="raw-block">
          <summary className="muted small">{texts.rawBlock(printValue(block.value['type']))}</summary>
          <pre className="small">{JSON.stringify(block.value, null, 2)}</pre>
          <RemoveButton label={printValue(block.value['type'])} onRemove={onRemove} />
        </details>
      )
  }
}

function RemoveButton({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) {
  return (
    <button
      type="button"
      className="button quiet small"
      aria-label={`${texts.remove}: ${label}`}
      onClick={onRemove}
    >
      {texts.remove}
    </button>
  )
}
