import { useState } from 'react'

import { Modal } from '../parts/modal.tsx'
import { shellTexts } from '../texts/shell.ts'
import { focusFirstFilter, useShortcuts } from './shortcuts.ts'

/** The list of keys, opened with `?`. */
export function ShortcutHelp() {
  const [isOpen, setOpen] = useState(false)
  useShortcuts({ '?': () => setOpen(true), '/': focusFirstFilter })
  return (
    <Modal title={shellTexts.help} isOpen={isOpen} onClose={() => setOpen(false)}>
      <dl className="facts">
        {shellTexts.shortcuts.map(([keys, effect]) => (
          <div key={keys} className="facts-row">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{effect}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
