import { useEffect, useState } from 'react'

import { emptyDraft, exampleDraft, isSameDraft, keepDraft, loadDraft } from './draft.ts'
import type { Draft } from './draft.ts'

/** The draft of the page, which this browser keeps. */
export interface DraftControl {
  readonly draft: Draft
  readonly update: (changes: Partial<Draft>) => void
  /** Puts another draft in place of this one. */
  readonly replace: (draft: Draft) => void
  /** Gets the draft back that was replaced; null: none of the user's own was. */
  readonly undo: (() => void) | null
}

export function useDraft(): DraftControl {
  const [draft, setDraft] = useState(loadDraft)
  const [replaced, setReplaced] = useState<Draft | null>(null)
  useEffect(() => keepDraft(draft), [draft])
  return {
    draft,
    update: (changes) => setDraft((current) => ({ ...current, ...changes })),
    replace(next) {
      const isOwn = [next, emptyDraft, exampleDraft].every((other) => !isSameDraft(draft, other))
      if (isOwn) setReplaced(draft)
      setDraft(next)
    },
    undo:
      replaced === null
        ? null
        : () => {
            setDraft(replaced)
            setReplaced(null)
          },
  }
}
