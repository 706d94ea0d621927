import { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml'

import type { Entry, Group, Value } from './group.ts'
import type { Source } from './source.ts'

/** Reads the documents of a YAML text with the offsets of their nodes; null if the text is not YAML. */
export function readYaml({ text }: Source): Group | null {
  try {
    const documents = parseAllDocuments(text, {
      keepSourceTokens: false,
      logLevel: 'silent',
      uniqueKeys: false,
    })
    const entries = [...documents].flatMap((document) => {
      const value = document.contents === null ? null : readNode(document.contents, { text, document })
      return value === null ? [] : [toItem(value)]
    })
    return { kind: 'sequence', start: 0, end: text.length, entries, callee: '' }
  } catch {
    return null
  }
}

interface Context {
  readonly text: string
  readonly document: Document.Parsed
}

function readNode(node: Node, context: Context): Value | null {
  const [start, end] = node.range ?? [0, 0]
  const base: Value = { kind: 'expression', start, end, text: '', number: null, constant: null, group: null }
  if (isAlias(node)) {
    const target = node.resolve(context.document)
    return isMap(target)
      ? {
          ...base,
          kind: 'group',
          group: readMap(target, context, target.range?.[0] ?? start, target.range?.[1] ?? end),
        }
      : base
  }
  if (isMap(node)) return { ...base, kind: 'group', group: readMap(node, context, start, end) }
  if (isSeq(node)) return { ...base, kind: 'group', group: readSeq(node, context, start, end) }
  if (!isScalar(node)) return base
  const { value } = node
  if (typeof value === 'number') return { ...base, kind: 'number', number: value }
  if (typeof value === 'boolean' || value === null) return { ...base, kind: 'constant', constant: value }
  return typeof value === 'string' ? { ...base, kind: 'string', text: value } : base
}

function readMap(node: YAMLMap, context: Context, ...[start, end]: readonly [number, number]): Group {
  const entries = node.items.flatMap((pair) => readPair(pair, context))
  return { kind: node.flow === true ? '{' : 'mapping', start, end, entries, callee: '' }
}

function readPair(pair: Pair, context: Context): readonly Entry[] {
  if (!isPair(pair) || !isScalar(pair.key)) return []
  const [nameStart, nameEnd] = pair.key.range ?? [0, 0]
  const value = readNode(pair.value as Node, context) // A pair of a parsed document holds nodes.
  if (value === null) return []
  const end = Math.max(nameEnd, value.end)
  return [{ start: nameStart, end, name: String(pair.key.value), nameStart, nameEnd, separator: ':', value }]
}

function readSeq(node: YAMLSeq, context: Context, ...[start, end]: readonly [number, number]): Group {
  const entries = node.items.flatMap((item) => {
    const value = readNode(item as Node, context) // A sequence of a parsed document holds nodes.
    return value === null ? [] : [toItem(value)]
  })
  return { kind: node.flow === true ? '[' : 'sequence', start, end, entries, callee: '' }
}

function toItem(value: Value): Entry {
  const { start, end } = value
  return { start, end, name: null, nameStart: start, nameEnd: start, separator: '', value }
}
