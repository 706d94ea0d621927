import { isRecord } from '@anthology/wire'

/** A segment of a compiled path, such as `..*`, in the form that json-p3 gives it. */
interface Segment {
  lazyResolve(nodes: Iterable<unknown>): Iterable<unknown>
  resolve(nodes: Iterable<unknown>): unknown[]
  /** Only segments of descendants have it; it calls itself for each value below. */
  visit?(node: unknown, depth?: number): Iterable<unknown>
}

/**
 * Calls `onVisit` with the depth of each value that a compiled path visits, the paths in its filters included. The library
 * has no limit of its own, and `$..*..*` visits each value once for every value around it.
 */
export function countVisits(part: unknown, onVisit: (depth: number) => void): void {
  if (Array.isArray(part)) for (const item of part) countVisits(item, onVisit)
  else if (typeof part === 'object' && part !== null) {
    if (isSegment(part)) countSegment(part, onVisit)
    for (const [name, member] of Object.entries(part))
      if (name !== 'environment' && name !== 'token') countVisits(member, onVisit)
  }
}

function isSegment(part: object): part is Segment {
  return 'lazyResolve' in part && 'selectors' in part
}

function countSegment(segment: Segment, onVisit: (depth: number) => void): void {
  const lazyResolve = segment.lazyResolve.bind(segment)
  segment.lazyResolve = function* (nodes) {
    for (const node of lazyResolve(nodes)) {
      onVisit(getDepth(node))
      yield node
    }
  }
  // The library's own function passes all values of a list as arguments, of which a call cannot have so many.
  segment.resolve = (nodes) => Array.from(segment.lazyResolve(nodes))
  const visit = segment.visit?.bind(segment)
  if (visit === undefined) return
  segment.visit = (node, depth = 1) => {
    onVisit(depth)
    return visit(node, depth)
  }
}

function getDepth(node: unknown): number {
  const location = isRecord(node) ? node['location'] : null
  return Array.isArray(location) ? location.length : 0
}
