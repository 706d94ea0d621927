import * as Dialog from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'

import { shellTexts } from '../texts/shell.ts'

interface ModalProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** `drawer` fills the right side of the window. */
  readonly shape?: 'dialog' | 'wide' | 'drawer'
  readonly children: ReactNode
}

/** A dialog or drawer over the page. Escape closes it, and the focus returns to where it was. */
export function Modal({ title, isOpen, onClose, shape = 'dialog', children }: ModalProps) {
  const className = { dialog: 'dialog', wide: 'dialog wide', drawer: 'drawer' }[shape]
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className={`${className} appears`} aria-describedby={undefined}>
          <div className="card-head">
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
