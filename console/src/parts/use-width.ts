import { useLayoutEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

/** The width of an element in pixels, so that a chart is drawn in the pixels of the screen and its text stays readable. */
export function useWidth<Part extends Element>(
  initial: number,
): readonly [ref: RefObject<Part | null>, width: number] {
  const ref = useRef<Part | null>(null)
  const [width, setWidth] = useState(initial)
  // Measured before the first drawing: a chart of another width has another height, and what is below it would jump.
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const keep = (measured: number) => {
      if (measured >= 1) setWidth(Math.round(measured))
    }
    keep(element.getBoundingClientRect().width)
    const observer = new ResizeObserver(([entry]) => keep(entry?.contentRect.width ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
