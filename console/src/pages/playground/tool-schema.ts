import { isTooDeep } from './members.ts'

/**
 * The parts of a tool that the form edits. Every change spreads the value that it changes, so that members which the
 * form does not know stay as they are.
 */
export type Tool = Readonly<Record<string, unknown>>

export interface Property {
  readonly name: string
  readonly schema: Tool
  readonly isRequired: boolean
}

export const propertyTypes = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const

/** The tools of a JSON text; null while it is not a list of objects. */
export function readTools(text: string): readonly Tool[] | null {
  if (text.trim() === '') return []
  if (isTooDeep(text)) return null
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isObject) ? value : null
  } catch {
    return null
  }
}

export function printTools(tools: readonly Tool[]): string {
  return tools.length === 0 ? '' : JSON.stringify(tools, null, 2)
}

export function createTool(tools: readonly Tool[]): Tool {
  const name = findFree('tool', (wanted) => tools.every((tool) => tool['name'] !== wanted))
  return { name, description: '', input_schema: { type: 'object', properties: {}, required: [] } }
}

/** Null for a tool whose schema is not an object of properties: one of the server, or one that the form cannot show. */
export function readProperties({ input_schema }: Tool): readonly Property[] | null {
  if (!isObject(input_schema)) return null
  const { properties = {}, required = [] } = input_schema
  if (!isObject(properties) || !Array.isArray(required)) return null
  const entries = Object.entries(properties)
  if (!entries.every(([, schema]) => isObject(schema))) return null
  return entries.map(([name, schema]) => ({
    name,
    schema: schema as Tool, // Checked in the line above.
    isRequired: required.includes(name),
  }))
}

/** Puts other properties in place of a tool's. Names in `required` that are no property stay. */
export function withProperties(tool: Tool, properties: readonly Property[]): Tool {
  const schema = isObject(tool['input_schema']) ? tool['input_schema'] : {}
  const before = isObject(schema['properties']) ? schema['properties'] : {}
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const strange = required.filter((name) => typeof name !== 'string' || !Object.hasOwn(before, name))
  const names = [...strange, ...properties.flatMap(({ name, isRequired }) => (isRequired ? [name] : []))]
  const isListed = names.length > 0 || schema['required'] !== undefined
  return {
    ...tool,
    input_schema: {
      ...schema,
      properties: Object.fromEntries(properties.map(({ name, schema: of }) => [name, of])),
      ...(isListed && { required: names }),
    },
  }
}

export function createProperty(properties: readonly Property[]): Property {
  const name = findFree('property', (wanted) => properties.every((one) => one.name !== wanted))
  return { name, schema: { type: 'string', description: '' }, isRequired: false }
}

/** Sets a text member; an empty text takes it away. */
export function withText(value: Tool, name: string, text: string): Tool {
  const { [name]: _old, ...others } = value
  return text === '' ? others : { ...value, [name]: text }
}

/** The values of `enum` as lines; null if the lines would not be read as the same values again. */
export function printEnum(schema: Tool): string | null {
  const values = schema['enum']
  if (values === undefined) return ''
  if (!Array.isArray(values) || values.some((value) => typeof value === 'object')) return null
  const text = values.map(String).join('\n')
  return JSON.stringify(readEnum(text, schema)) === JSON.stringify(values) ? text : null
}

/** Lines of a property of numbers are numbers; an empty line is none. */
export function readEnum(text: string, schema: Tool): readonly unknown[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const isNumeric = schema['type'] === 'number' || schema['type'] === 'integer'
  return lines.map((line) => (isNumeric && Number.isFinite(Number(line)) ? Number(line) : line))
}

export function withEnum(schema: Tool, text: string): Tool {
  const { enum: _old, ...others } = schema
  const values = readEnum(text, schema)
  return values.length === 0 ? others : { ...schema, enum: values }
}

function findFree(name: string, isFree: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) if (isFree(`${name}_${number}`)) return `${name}_${number}`
}

function isObject(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
