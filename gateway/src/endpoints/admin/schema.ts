/**
 * A JSON Schema (2020-12). A schema with a `title` becomes a named component of the OpenAPI document, so two schemas
 * with one title must be equal.
 */
export type Schema = Readonly<Record<string, unknown>>

/** An object that has no other members. All of them are required, except those in `optional`. */
export function describeObject(
  properties: Readonly<Record<string, Schema>>,
  { title, optional = [] }: { readonly title?: string; readonly optional?: readonly string[] } = {},
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return {
    ...(title === undefined ? {} : { title }),
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties,
  }
}

/** An object of which every member may be left out, such as a query or a change. */
export function describeOptions(properties: Readonly<Record<string, Schema>>, title?: string): Schema {
  const optional = Object.keys(properties)
  return describeObject(properties, title === undefined ? { optional } : { title, optional })
}

export function describeText(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, ...more }
}

export function orNull(schema: Schema): Schema {
  const { description, ...rest } = schema
  return { anyOf: [rest, { type: 'null' }], ...(description === undefined ? {} : { description }) }
}

export function describeArray(items: Schema, description?: string): Schema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) }
}

/** A time as RFC 3339 in UTC. */
export function describeTime(description: string): Schema {
  return describeText(description, { format: 'date-time' })
}

/** A page of a list; `next` is the value of `after` for the page that follows. */
export function describePage(item: Schema, more: Readonly<Record<string, Schema>> = {}): Schema {
  const next = orNull(describeText('The value of `after` for the next page; null: this is the last one.'))
  return describeObject({ data: describeArray(item), next, ...more })
}

/** The query parameters of every list. */
export const pageParameters: Readonly<Record<string, Schema>> = {
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000,
    default: 100,
    description: 'Entries of a page.',
  },
  after: describeText('The `next` of the page before.', { maxLength: 500 }),
}
