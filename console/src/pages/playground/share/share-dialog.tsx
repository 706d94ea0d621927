import { useEffect, useState } from 'react'

import { Code } from '../../../parts/code.tsx'
import { Modal } from '../../../parts/modal.tsx'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { printFragment } from './content-link.ts'

const texts = playgroundTexts.share

interface ShareDialogProps {
  readonly content: SavedContent
  readonly onClose: () => void
}

/** A link that has the prompt in itself. */
export function ShareDialog({ content, onClose }: ShareDialogProps) {
  const link = useLink(content)
  return (
    <Modal title={texts.title} isOpen shape="wide" onClose={onClose}>
      <p>{texts.has}</p>
      <p className="muted">{texts.reach}</p>
      {link === null ? (
        <p className="notice warn">{texts.tooLarge}</p>
      ) : (
        link !== undefined && <Code text={link} label={texts.link} wraps />
      )}
    </Modal>
  )
}

/** Undefined: it is not there yet; null: the content is too large. */
function useLink(content: SavedContent): string | null | undefined {
  const [link, setLink] = useState<string | null>()
  const key = JSON.stringify(content)
  useEffect(() => {
    let isOver = false
    const print = async () => {
      const fragment = await printFragment(content)
      if (isOver) return
      setLink(fragment === null ? null : `${location.origin}/console/playground#${fragment}`)
    }
    void print()
    return () => {
      isOver = true
    }
    // The content is another object each time that the page is drawn.
  }, [key])
  return link
}
