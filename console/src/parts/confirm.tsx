import { useState } from 'react'
import type { FormEvent } from 'react'

import { shellTexts } from '../texts/shell.ts'
import { Modal } from './modal.tsx'

interface ConfirmProps {
  readonly title: string
  readonly text: string
  /** The word that the user has to type. */
  readonly word: string
  readonly action: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** The dialog closes when it resolves and shows the message of an error. */
  readonly onConfirm: () => Promise<unknown>
}

/** Asks before something that cannot be undone. The user types the name of the thing. Nothing closes it before the result. */
export function Confirm({ title, text, word, action, isOpen, onClose, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await onConfirm()
      setTyped('')
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal title={title} isOpen={isOpen} onClose={() => !isBusy && onClose()}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{text}</p>
        <label className="field">
          <span>{shellTexts.typeToConfirm(word)}</span>
          <input
            className="input"
            value={typed}
            autoComplete="off"
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
        {problem !== null && (
          <p className="notice bad" role="alert">
            {problem}
          </p>
        )}
        <div className="row end">
          <button type="button" className="button" disabled={isBusy} onClick={onClose}>
            {shellTexts.cancel}
          </button>
          <button type="submit" className="button danger primary" disabled={typed !== word || isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Modal>
  )
}
