import { isRecord } from '@anthology/wire'

import { readDescribedKeywords } from './described-keywords.ts'
import type { Schema } from './json-schema.ts'

/**
 * Merges a schema with its references and compositions into one: `$ref`, `allOf`, one branch of `anyOf` and `oneOf`, and
 * `if` with its `then`, so that the condition holds. `choose` picks a branch.
 */
export function flatten(schema: unknown, root: Schema, choose: (branches: number) => number): Schema {
  let left = maxParts
  const flattenPart = (part: unknown): Schema => {
    left -= 1
    return isRecord(part) && left > 0 ? mergeParts(part, { root, choose, flattenPart }) : {}
  }
  return flattenPart(schema)
}

/** A schema with more parts is assumed to be circular. */
const maxParts = 100

interface FlattenContext {
  readonly root: Schema
  readonly choose: (branches: number) => number
  readonly flattenPart: (part: unknown) => Schema
}

function mergeParts(schema: Schema, { root, choose, flattenPart }: FlattenContext): Schema {
  const { $ref, $dynamicRef, allOf, anyOf, oneOf, if: condition, then, else: _else, ...own } = schema
  const parts: Schema[] = [own]
  const described = readDescribedKeywords(own['description'])
  if (described) parts.push(flattenPart(described))
  for (const reference of [$ref, $dynamicRef])
    if (typeof reference === 'string') parts.push(flattenPart(findReference(reference, root)))
  for (const part of toList(allOf)) parts.push(flattenPart(part))
  for (const branches of [toList(anyOf), toList(oneOf)]) {
    if (branches.length === 0) continue
    const branch = branches[choose(branches.length)] ?? branches[0]
    parts.push(flattenPart(branch))
  }
  if (condition !== undefined) parts.push(flattenPart(condition), flattenPart(then))
  return parts.reduce(merge)
}

/** Merges two schemas member by member; if a member cannot be merged, the second one wins. */
function merge(one: Schema, other: Schema): Schema {
  const merged: Record<string, unknown> = { ...one }
  for (const [name, value] of Object.entries(other))
    merged[name] = name in one ? mergeMember(name, one[name], value) : value
  return merged
}

function mergeMember(name: string, one: unknown, other: unknown): unknown {
  if (name === 'required') return [...new Set([...toList(one), ...toList(other)])]
  if (name === 'properties' && isRecord(one) && isRecord(other)) return mergeProperties(one, other)
  if (name === 'enum')
    return toList(one).filter((value) => toList(other).some((same) => isEqual(value, same)))
  if (name === 'type') return narrowTypes(one, other)
  if (typeof one === 'number' && typeof other === 'number') {
    if (/^(?:min|exclusiveMin)/.test(name)) return Math.max(one, other)
    if (/^(?:max|exclusiveMax)/.test(name)) return Math.min(one, other)
  }
  if (isRecord(one) && isRecord(other)) return { allOf: [one, other] }
  return other
}

function mergeProperties(one: Schema, other: Schema): Schema {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    [...names].map((name) => {
      const both = [one[name], other[name]].filter((part) => part !== undefined)
      return [name, both.length === 1 ? both[0] : { allOf: both }]
    }),
  )
}

function narrowTypes(one: unknown, other: unknown): unknown {
  const [ones, others] = [listTypes(one), listTypes(other)]
  const narrowed = ones.filter((type) => others.includes(type))
  if (ones.includes('number') && others.includes('integer')) narrowed.push('integer')
  if (ones.includes('integer') && others.includes('number')) narrowed.push('integer')
  return [...new Set(narrowed)]
}

export function listTypes(type: unknown): readonly string[] {
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
}

export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Resolves references to the schema itself, by JSON pointer, and by `$anchor` or `$id`. */
function findReference(reference: string, root: Schema): unknown {
  const [id = '', fragment = ''] = reference.split('#', 2)
  const base = id === '' || id === root['$id'] ? root : findNamed(root, '$id', id)
  if (fragment === '') return base
  if (!fragment.startsWith('/'))
    return findNamed(base, '$anchor', fragment) ?? findNamed(base, '$dynamicAnchor', fragment)
  return fragment
    .slice(1)
    .split('/')
    .map((step) => decodeStep(step))
    .reduce<unknown>((part, step) => {
      if (Array.isArray(part)) return part[Number(step)]
      return isRecord(part) && Object.hasOwn(part, step) ? part[step] : undefined
    }, base)
}

function decodeStep(step: string): string {
  const unescaped = step.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(unescaped)
  } catch {
    return unescaped
  }
}

function findNamed(within: unknown, member: string, name: string): unknown {
  const open: unknown[] = [within]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if (isRecord(next) && next[member] === name) return next
    // One by one: the number of call arguments is limited, and a client's list may be longer.
    for (const part of Object.values(next)) open.push(part)
  }
  return undefined
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
