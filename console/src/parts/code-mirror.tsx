import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'

import type { CodeEditorProps } from './code-editor.tsx'

/**
 * CodeMirror in a shadow tree. There it adds its styles as a constructed sheet, which the policy of the page allows; in
 * the document it would write a style element.
 */
export function CodeMirror({ label, value, onChange, language = 'text', minLines = 6 }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const report = useRef(onChange)
  const initial = useRef(value)
  report.current = onChange

  useEffect(() => {
    if (host.current === null) return
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
    root.replaceChildren()
    const created = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: initial.current,
        extensions: createExtensions({ label, language, minLines }, report),
      }),
    })
    view.current = created
    return () => created.destroy()
  }, [label, language, minLines])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  return <div className="code-editor" ref={host} />
}

/** The colours of the page, which are readable in both themes. */
const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

function createExtensions(
  { label, language, minLines }: Required<Pick<CodeEditorProps, 'label' | 'language' | 'minLines'>>,
  report: { readonly current: (value: string) => void },
) {
  return [
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    EditorView.lineWrapping,
    // Ctrl+Enter runs the page's action; the Tab key leaves the editor.
    keymap.of([...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'), ...historyKeymap]),
    ...(language === 'json' ? [json(), syntaxHighlighting(colors)] : []),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-multiline': 'true',
      role: 'textbox',
      tabindex: '0',
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) report.current(update.state.doc.toString())
    }),
    EditorView.theme({
      '&': { fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--surface)' },
      '.cm-scroller': { fontFamily: 'var(--font-mono)', minHeight: `${minLines * 1.5}em`, maxHeight: '50vh' },
      '.cm-cursor': { borderLeftColor: 'var(--text)' },
      '&.cm-focused': { outline: 'none' },
    }),
  ]
}
