import * as Dialog from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'

import { shellTexts } from '../texts/shell.ts'
import { useOpener } from './opener.ts'

interface ModalProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** `drawer` fills the right side of the window. */
  readonly shape?: 'dialog' | 'wide' | 'drawer'
  /** A click beside it does not close it, because what it shows would be lost. Default: false. */
  readonly isFirm?: boolean
  readonly children: ReactNode
}

/** A dialog or drawer over the page. Escape closes it, and the focus returns to where it was. */
export function Modal({ title, isOpen, onClose, shape = 'dialog', isFirm = false, children }: ModalProps) {
  const className = { dialog: 'dialog', wide: 'dialog wide', drawer: 'drawer' }[shape]
  const opener = useOpener()
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className={`${className} appears`}
          aria-describedby={undefined}
          {...opener}
          onInteractOutside={(event) => {
            if (isFirm) event.preventDefault()
          }}
        >
          <div className="dialog-head">
            <Dialog.Title asChild>
              <h2>{title}</h2>
            </Dialog.Title>
            <Dialog.Close className="button quiet small">{shellTexts.close}</Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
