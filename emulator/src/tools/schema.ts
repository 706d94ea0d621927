import { isRecord } from '@anthology/wire'

import { readDescribedKeywords } from './described-keywords.ts'
import type { Schema } from './json-schema.ts'

/**
 * A schema with what it refers to and what it is composed of laid into one: `$ref`, `allOf`, one branch
 * of `anyOf` and `oneOf`, and the `then` of an `if`, which is made to hold. `choose` picks a branch.
 */
export function flatten(schema: unknown, root: Schema, choose: (branches: number) => number): Schema {
  let left = maxParts
  const lay = (part: unknown): Schema => {
    left -= 1
    return isRecord(part) && left > 0 ? layOut(part, { root, choose, lay }) : {}
  }
  return lay(schema)
}

/** More of them lead round in a circle. */
const maxParts = 100

interface Laying {
  readonly root: Schema
  readonly choose: (branches: number) => number
  readonly lay: (part: unknown) => Schema
}

function layOut(schema: Schema, { root, choose, lay }: Laying): Schema {
  const { $ref, $dynamicRef, allOf, anyOf, oneOf, if: condition, then, else: _else, ...own } = schema
  const parts: Schema[] = [own]
  const described = readDescribedKeywords(own['description'])
  if (described) parts.push(lay(described))
  for (const reference of [$ref, $dynamicRef])
    if (typeof reference === 'string') parts.push(lay(findReference(reference, root)))
  for (const part of toList(allOf)) parts.push(lay(part))
  for (const branches of [toList(anyOf), toList(oneOf)]) {
    if (branches.length === 0) continue
    const branch = branches[choose(branches.length)] ?? branches[0]
    parts.push(lay(branch))
  }
  if (condition !== undefined) parts.push(lay(condition), lay(then))
  return parts.reduce(merge)
}

/** What satisfies both; where that cannot be said member by member, the later one counts. */
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

/** References to the schema itself, to its parts by pointer, and to what it names with `$anchor` or `$id`. */
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
    // One by one: a call takes only so many arguments, and a client's list may be longer.
    for (const part of Object.values(next)) open.push(part)
  }
  return undefined
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
