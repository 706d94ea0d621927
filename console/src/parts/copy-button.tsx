import { useState } from 'react'

import { shellTexts } from '../texts/shell.ts'

/** Copies a text. `label` names it for a screen reader. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <button
      type="button"
      className="button small"
      aria-label={`${shellTexts.copy}: ${label}`}
      onClick={() => void copy()}
    >
      {isCopied ? shellTexts.copied : shellTexts.copy}
    </button>
  )
}
