import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

/** The width of an element in pixels, so that a chart is drawn in the pixels of the screen and its text stays readable. */
export function useWidth<Part extends Element>(
  initial: number,
): readonly [ref: RefObject<Part | null>, width: number] {
  const ref = useRef<Part | null>(null)
  const [width, setWidth] = useState(initial)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0)
      if (measured > 0) setWidth(measured)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
