import { useState } from 'react'
import type { MouseEvent } from 'react'

import { shellTexts } from '../texts/shell.ts'
import { showToast } from './toast.tsx'

/** Copies a text. `label` names it for a screen reader. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async ({ currentTarget: button }: MouseEvent<HTMLButtonElement>) => {
    if (!(await copyText(text, button))) {
      showToast(shellTexts.copyFailed)
      return
    }
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <button
      type="button"
      className="button small"
      aria-label={`${shellTexts.copy}: ${label}`}
      onClick={(event) => void copy(event)}
    >
      {isCopied ? shellTexts.copied : shellTexts.copy}
    </button>
  )
}

/**
 * Browsers offer the clipboard only to https and to this machine, so over plain http a selection is copied. It stands
 * beside the button, because a dialog keeps the focus in itself.
 */
async function copyText(text: string, button: HTMLElement): Promise<boolean> {
  // The type does not know that it can be missing.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard !== undefined)
    return clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'visually-hidden'
  button.after(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  button.focus()
  return isCopied
}
