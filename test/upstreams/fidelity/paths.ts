/** A leaf of a JSON value, with a path for people: the types of blocks are in it. */
export interface Leaf {
  readonly path: string
  readonly steps: readonly (string | number)[]
  readonly value: unknown
}

/** Lists the leaves of a value. An empty list or object is a leaf. */
export function listLeaves(value: unknown, path = '', steps: Leaf['steps'] = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return [{ path, steps, value }]
  if (Array.isArray(value))
    return value.flatMap((each: unknown, index) => listLeaves(each, `${path}[]`, [...steps, index]))
  const type = 'type' in value && typeof value.type === 'string' && steps.length > 0 ? ` (${value.type})` : ''
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    listLeaves(each, path === '' ? name : `${path}${type}.${name}`, [...steps, name]),
  )
}

/** The value at the steps; undefined if there is none. */
export function readAt(value: unknown, steps: Leaf['steps']): unknown {
  let at = value
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Readonly<Record<string | number, unknown>>)[step] // Arrays and objects alike.
  }
  return at
}
