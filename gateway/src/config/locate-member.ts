import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, YAMLMap } from 'yaml'

/**
 * Finds a member of a configuration, such as `routing.groups` or `budgets.0.scope`, or its closest ancestor in the
 * text. Returns the line and the column of its value, both from 1; null if the text is no YAML or has neither.
 */
export function locateMember(text: string, member: string): { line: number; column: number } | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const node = document.errors.length > 0 ? null : findNode(document, member.split('.'))
  if (!hasRange(node) || node === document.contents) return null
  const { line, col } = lines.linePos(node.range[0])
  return { line, column: col }
}

/** Finds the node at a path, or its closest ancestor in the file; an alias is not followed, because its node is elsewhere. */
export function findNode(document: Document, path: readonly string[]): unknown {
  let node: unknown = document.contents
  for (const name of path) {
    const next: unknown = isSeq(node)
      ? node.items[Number(name)]
      : isMap(node)
        ? findPair(node, name)?.value
        : undefined
    if (next === undefined || isAlias(next)) return next ?? node
    node = next
  }
  return node
}

/** Finds a member by name, even if it is written as a number, which YAML keeps as a number. */
export function findPair(map: YAMLMap, name: string) {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === name)
}

export function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
