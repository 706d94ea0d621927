import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'

import { ApiProblem } from '../api/client.ts'
import { shellTexts } from '../texts/shell.ts'
import { RefusedMember } from './field.tsx'
import { Modal } from './modal.tsx'

interface FormDialogProps {
  readonly title: string
  readonly action: string
  readonly isOpen: boolean
  readonly shape?: 'dialog' | 'wide'
  readonly onClose: () => void
  /** False: the caller shows something else when the form was sent. Default: true. */
  readonly closesAfter?: boolean
  /** The dialog shows the message of an error, and marks the field of the member that the server has refused. */
  readonly onSubmit: () => Promise<unknown>
  readonly children: ReactNode
}

/** A dialog with a form. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isOpen, shape, onClose, closesAfter = true, onSubmit, children } = props
  const [problem, setProblem] = useState<Error | null>(null)
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await onSubmit()
      if (closesAfter) onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal title={title} isOpen={isOpen} shape={shape ?? 'dialog'} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {problem !== null && (
          <p className="notice bad" role="alert">
            {problem.message}
          </p>
        )}
        <RefusedMember value={problem instanceof ApiProblem ? problem.member : null}>
          {children}
        </RefusedMember>
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>
            {shellTexts.cancel}
          </button>
          <button type="submit" className="button primary" disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Modal>
  )
}
