/** A label below a bar: the middle of its text, in pixels. */
export interface Tick {
  readonly at: number
  readonly text: string
  readonly x: number
}

interface TickPlaces {
  /** The middle of a bar. */
  readonly getMiddle: (at: number) => number
  /** Pixels from a bar to the next one. */
  readonly slot: number
  /** Pixels of the whole chart. */
  readonly width: number
}

/** Pixels of a character in the font of charts, at most on average. */
const characterWidth = 7
const gap = 12

/**
 * Chooses the bars that have a label, the last one and every n-th before it, so that no two overlap and none is cut off
 * at the edge of the chart.
 */
export function placeTicks(
  names: readonly string[],
  { getMiddle, slot, width }: TickPlaces,
): readonly Tick[] {
  const texts = names.map(shorten)
  const textWidth = Math.max(0, ...texts.map(measure))
  // The last label moves to the left by up to half of its width.
  const every = Math.max(1, Math.ceil((1.5 * textWidth + gap) / slot))
  return texts.flatMap((text, at) => {
    if ((texts.length - 1 - at) % every !== 0) return []
    const half = measure(text) / 2
    return [{ at, text, x: Math.max(half, Math.min(getMiddle(at), width - half)) }]
  })
}

function measure(text: string): number {
  return text.length * characterWidth
}

/** `2026-11-22T14:00Z` as `22 14:00`, a day as `11-22`. */
function shorten(name: string): string {
  const hour = /^\d{4}-\d\d-(\d\d)T(\d\d:\d\d)/.exec(name)
  if (hour !== null) return `${hour[1]} ${hour[2]}`
  return /^\d{4}-(\d\d-\d\d)$/.exec(name)?.[1] ?? clip(name)
}

/** A name that is no time, short enough for the width of a bar. */
function clip(name: string): string {
  return name.length <= maxLabelLength ? name : `${name.slice(0, maxLabelLength - 1)}…`
}

const maxLabelLength = 14
