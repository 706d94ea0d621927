import { useEffect } from 'react'
import type { ReactNode } from 'react'

interface RemoveScrollProps {
  readonly children: ReactNode
  readonly enabled?: boolean
}

/**
 * Stands in for the package react-remove-scroll, which Radix dialogs use. That package writes a style element, and the
 * policy of the page allows only style files; a class of our own stops the page from scrolling instead.
 */
export function RemoveScroll({ children, enabled = true }: RemoveScrollProps): ReactNode {
  useEffect(() => {
    if (!enabled) return
    document.documentElement.classList.add('no-scroll')
    return () => document.documentElement.classList.remove('no-scroll')
  }, [enabled])
  return children
}

RemoveScroll.classNames = { fullWidth: '', zeroRight: '' }
