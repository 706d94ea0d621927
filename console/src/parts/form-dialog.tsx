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

/**
 * A dialog with a form. Escape and a click beside it ask before they discard what was typed. While the form is sent
 * nothing closes it: its result, such as a secret that is shown once or an error, would be lost.
 */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isOpen, shape, onClose, closesAfter = true, onSubmit, children } = props
  const [problem, setProblem] = useState<Error | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [isChanged, setChanged] = useState(false)
  const [isLeaving, setLeaving] = useState(false)
  const leave = () => {
    if (isBusy) return
    if (isChanged) setLeaving(!isLeaving)
    else onClose()
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    setLeaving(false)
    try {
      await onSubmit()
      setChanged(false)
      if (closesAfter) onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal title={title} isOpen={isOpen} shape={shape ?? 'dialog'} onClose={leave}>
      <form className="stack" onChange={() => setChanged(true)} onSubmit={(event) => void submit(event)}>
        <RefusedMember value={problem instanceof ApiProblem ? problem.member : null}>
          {children}
        </RefusedMember>
        <div className="dialog-foot">
          {problem !== null && (
            <p className="notice bad" role="alert">
              {describeProblem(problem)}
            </p>
          )}
          {isLeaving && <Leaving onStay={() => setLeaving(false)} onLeave={onClose} />}
          <div className="row end">
            <button type="button" className="button" disabled={isBusy} onClick={onClose}>
              {shellTexts.cancel}
            </button>
            <button type="submit" className="button primary" disabled={isBusy}>
              {action}
            </button>
          </div>
        </div>
      </form>
    </Modal>
  )
}

/** Asks whether to discard the form. */
function Leaving({ onStay, onLeave }: { readonly onStay: () => void; readonly onLeave: () => void }) {
  return (
    <div className="notice warn row" role="alert">
      <span>{shellTexts.unsaved}</span>
      <button type="button" className="button small" autoFocus onClick={onStay}>
        {shellTexts.keepEditing}
      </button>
      <button type="button" className="button small" onClick={onLeave}>
        {shellTexts.discard}
      </button>
    </div>
  )
}

/** The message without the name of the request's member, whose field is marked. */
function describeProblem(problem: Error): string {
  const member = problem instanceof ApiProblem ? problem.member : null
  const prefix = `${member ?? ''}: `
  return problem.message.startsWith(prefix) ? problem.message.slice(prefix.length) : problem.message
}
