import { lazy, Suspense } from 'react'
import type { ReactNode } from 'react'

export interface CodeEditorProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Default: plain text. */
  readonly language?: 'json' | 'text'
  readonly minLines?: number
}

const Editor = lazy(async () => ({ default: (await import('./code-mirror.tsx')).CodeMirror }))

/** An editor for JSON and long texts; its code is loaded when it is first shown. */
export function CodeEditor(props: CodeEditorProps): ReactNode {
  const { label, value, minLines = 6 } = props
  // As high as the editor that takes its place.
  const rows = Math.max(minLines, value.split('\n').length)
  return (
    <Suspense
      fallback={
        <textarea className="input mono code-text" aria-label={label} rows={rows} value={value} readOnly />
      }
    >
      <Editor {...props} />
    </Suspense>
  )
}
