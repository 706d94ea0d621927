import { useEffect, useState } from 'react'

import { emptyContent, exampleContent, isSameContent } from './content.ts'
import type { Content } from './content.ts'
import type { Draft } from './draft.ts'
import { keepContent, keepReplaced, loadContent, loadReplaced } from './kept-content.ts'

/** The content that the user edits on the page; this browser keeps it. */
export interface ContentControl {
  readonly content: Content
  readonly update: (changes: Partial<Content>) => void
  readonly updateDraft: (changes: Partial<Draft>) => void
  /** Puts another content in place of this one. */
  readonly replace: (content: Content) => void
  /** Gets the content back that was replaced; null: none of the user's own was. */
  readonly undo: (() => void) | null
}

/** `onReplaced` is called when another content takes the place of this one. */
export function useContent(onReplaced: () => void): ContentControl {
  const [content, setContent] = useState(loadContent)
  const [replaced, setReplaced] = useState(loadReplaced)
  useEffect(() => keepContent(content), [content])
  useEffect(() => keepReplaced(replaced), [replaced])
  return {
    content,
    update: (changes) => setContent((current) => ({ ...current, ...changes })),
    updateDraft: (changes) =>
      setContent((current) => ({ ...current, draft: { ...current.draft, ...changes } })),
    replace(next) {
      if (isSameContent(content, next)) return
      const isOwn = [next, emptyContent, exampleContent].every((other) => !isSameContent(content, other))
      if (isOwn) setReplaced(content)
      setContent(next)
      onReplaced()
    },
    undo:
      replaced === null
        ? null
        : () => {
            setContent(replaced)
            setReplaced(null)
            onReplaced()
          },
  }
}
