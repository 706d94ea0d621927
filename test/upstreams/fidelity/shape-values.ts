import type { Members, Shape } from '../../../wire/src/messages/shape.ts'

/** Values that together contain every member and every case of a shape. */
export function listVariants(shape: Shape): readonly unknown[] {
  switch (shape.kind) {
    case 'text':
      return [pickText(shape)]
    case 'integer':
    case 'number':
      return [pickNumber(shape)]
    case 'boolean':
      return [true]
    case 'literal':
      return shape.values
    case 'list':
      return listVariants(shape.of).map((value) => [value])
    case 'record':
      return listRecords(shape.members)
    case 'tagged':
      return listCases(shape)
    case 'map':
      return listVariants(shape.of).map((value) => ({ name: value }))
    case 'nullable':
    case 'step':
      return listVariants(shape.of)
    case 'chosen':
      return [...new Set(probes.map((probe) => shape.choose(probe)))].flatMap(listVariants)
    case 'free_object':
      return [{ type: 'object', any: 'member' }]
    case 'anything':
      return ['anything']
  }
}

/** Values with one optional member each, because some members exclude each other. */
export function listSingles(shape: Shape): readonly unknown[] {
  switch (shape.kind) {
    case 'nullable':
    case 'step':
      return listSingles(shape.of)
    case 'chosen':
      return [...new Set(probes.map((probe) => shape.choose(probe)))].flatMap(listSingles)
    case 'list':
      return listSingles(shape.of).map((value) => [value])
    case 'tagged':
      return Object.entries(shape.cases).flatMap(([type, each]) =>
        listSingles(each).map((value) => withType(value, type)),
      )
    case 'record': {
      const needed = Object.fromEntries(
        Object.entries(shape.members)
          .filter(([, { required }]) => required)
          .map(([name, member]) => [name, listSingles(member.shape)[0]]),
      )
      const own = Object.entries(shape.members).flatMap(([name, member]) =>
        listSingles(member.shape).map((value) => ({ ...needed, [name]: value })),
      )
      return own.length === 0 ? [{}] : own
    }
    case 'map':
      return listSingles(shape.of).map((value) => ({ name: value }))
    case 'text':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'literal':
    case 'free_object':
    case 'anything':
      return listVariants(shape)
  }
}

/** A union that is not discriminated by a tag is one of these. */
const probes: readonly unknown[] = ['text', [], {}, { role: 'system' }]

function listRecords(members: Members): readonly object[] {
  const variants = Object.entries(members).map(([name, { shape }]) => [name, listVariants(shape)] as const)
  const count = Math.max(1, ...variants.map(([, values]) => values.length))
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(variants.map(([name, values]) => [name, values[index % values.length]])),
  )
}

function listCases({ cases }: Extract<Shape, { kind: 'tagged' }>): readonly unknown[] {
  return Object.entries(cases).flatMap(([type, shape]) =>
    listVariants(shape).map((value) => withType(value, type)),
  )
}

function withType(value: unknown, type: string): unknown {
  return typeof value === 'object' && value !== null ? { ...value, type } : value
}

function pickText({ min = 0, max = Infinity, pattern }: Extract<Shape, { kind: 'text' }>): string {
  const found = texts.find(
    (text) => text.length >= min && text.length <= max && (pattern === undefined || pattern.test(text)),
  )
  if (found === undefined) throw new Error(`no text of ${min} to ${max} characters fits ${String(pattern)}`)
  return found
}

const texts = ['some_text', 'srvtoolu_01', 'DE']

function pickNumber({
  kind,
  min = 0,
  max = Infinity,
}: Extract<Shape, { kind: 'integer' | 'number' }>): number {
  return kind === 'number' ? 0.5 : Math.min(max, Math.max(min, 7))
}
