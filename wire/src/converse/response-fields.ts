import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'

/**
 * Picks the fields of the model's response that the JSON pointers (RFC 6901) in
 * `additionalModelResponseFieldPaths` select, nested under the names of their path; null if none is found.
 */
export function pickResponseFields(answer: JsonObject, paths: readonly string[]): JsonObject | null {
  const picked: Tree = new Map()
  for (const path of paths) {
    const steps = path.split('/').slice(1).map(unescapeStep)
    const found = findAt(answer, steps)
    if (found !== undefined) place(picked, steps, found)
  }
  return picked.size === 0 ? null : toPlain(picked)
}

/** A map, because assigning to `__proto__` would not create a member. */
type Tree = Map<string, Tree | Leaf>
interface Leaf {
  readonly value: unknown
}

function findAt(answer: JsonObject, steps: readonly string[]): unknown {
  let value: unknown = answer
  for (const step of steps) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(step) ? value[Number(step)] : undefined
    else value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined
  }
  return value
}

/** A path inside a value that was already picked adds nothing. */
function place(tree: Tree, steps: readonly string[], value: unknown): void {
  const [step = '', ...rest] = steps
  if (rest.length === 0) {
    tree.set(step, { value })
    return
  }
  const known = tree.get(step)
  if (known && !(known instanceof Map)) return
  const inner: Tree = known ?? new Map()
  tree.set(step, inner)
  place(inner, rest, value)
}

function toPlain(tree: Tree): JsonObject {
  return Object.fromEntries(
    [...tree].map(([name, node]) => [name, node instanceof Map ? toPlain(node) : node.value]),
  )
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
