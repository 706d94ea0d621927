/** A copy of a value that has only what JSON has, or the place of the first thing that JSON does not have. */
export type PlainValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: readonly string[]; readonly message: string }

/** The levels of lists and mappings in a scenario; more are a mistake or an attack. */
export const maxScenarioDepth = 100
/** The values in a scenario, after aliases of YAML were replaced by what they stand for. */
export const maxScenarioValues = 1_000_000

/**
 * Copies a value, so that later changes of the original have no influence. Rejects values that refer to themselves, that are
 * too large, or that have no form in JSON. Members that are undefined are left out.
 */
export function copyPlainValue(value: unknown): PlainValue {
  const state: CopyState = { left: maxScenarioValues, path: [], problem: null }
  const copied = copy(value, state)
  return state.problem === null
    ? { ok: true, value: copied }
    : { ok: false, path: state.path, message: state.problem }
}

interface CopyState {
  left: number
  /** The names on the way to the current value. */
  readonly path: string[]
  problem: string | null
}

function copy(value: unknown, state: CopyState): unknown {
  state.left -= 1
  state.problem ??= findProblem(value, state)
  if (state.problem !== null || typeof value !== 'object' || value === null) return value
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  const copied: [string | number, unknown][] = []
  for (const [name, member] of members) {
    if (member === undefined && !Array.isArray(value)) continue
    state.path.push(String(name))
    copied.push([name, copy(member, state)])
    // The path stays at the place of the problem.
    if (state.problem !== null) return undefined
    state.path.pop()
  }
  return Array.isArray(value) ? copied.map(([, member]) => member) : Object.fromEntries(copied)
}

function findProblem(value: unknown, { left, path }: CopyState): string | null {
  if (left < 0) return `the scenario has more than ${maxScenarioValues.toLocaleString('en')} values`
  if (path.length > maxScenarioDepth)
    return `is nested in more than ${maxScenarioDepth} levels, or refers to itself`
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? null : 'has half of a surrogate pair, which no text has'
    case 'number':
      return Number.isFinite(value) ? null : `${value} is not a number of JSON`
    case 'boolean':
      return null
    case 'object':
      return value === null || Array.isArray(value) || isPlain(value) ? null : 'is not a value of JSON'
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
      return `is not a value of JSON, but ${typeof value}`
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || isOtherRealm(prototype)
}

/** Test runners evaluate a test in a realm of its own, whose plain objects have another prototype. */
function isOtherRealm(prototype: unknown): boolean {
  return typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype) === null
}
