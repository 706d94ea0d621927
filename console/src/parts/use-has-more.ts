import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

/** Whether a part that scrolls sideways has more at its right than is in sight. */
export function useHasMore<Part extends HTMLElement>(): readonly [
  ref: RefObject<Part | null>,
  hasMore: boolean,
] {
  const ref = useRef<Part | null>(null)
  const [hasMore, setHasMore] = useState(false)
  useEffect(() => {
    const part = ref.current
    if (part === null) return
    // Fractions of a pixel are rounded at a zoom.
    const read = () => setHasMore(part.scrollWidth - part.clientWidth - part.scrollLeft > 1)
    const observer = new ResizeObserver(read)
    observer.observe(part)
    for (const child of part.children) observer.observe(child)
    part.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      part.removeEventListener('scroll', read)
    }
  }, [])
  return [ref, hasMore]
}
