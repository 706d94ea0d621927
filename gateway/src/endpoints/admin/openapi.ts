import { roles } from '../../auth/roles.ts'
import type { AdminRoute } from './route.ts'
import { describeObject, describeText } from './schema.ts'
import type { Schema } from './schema.ts'

/** The route that prints the document of all others. */
export function createOpenApiRoute(others: readonly AdminRoute[]): AdminRoute {
  const route: AdminRoute = {
    method: 'GET',
    path: '/admin/v1/openapi.json',
    roles,
    operation: 'getOpenApi',
    summary: 'Describes this API',
    answer: { type: 'object' },
    example: {},
    serve: async () => document,
  }
  const document = createOpenApi([...others, route])
  return route
}

/** Creates the OpenAPI 3.1 document of the routes. Schemas with a title become components. */
export function createOpenApi(routes: readonly AdminRoute[]): object {
  const components: Record<string, unknown> = {}
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const operations = (paths[route.path] ??= {})
    operations[route.method.toLowerCase()] = describeOperation(route, components)
  }
  hoist(problem, components)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Anthology admin API',
      version: 'v1',
      description: 'Keys, workspaces, members, budgets, usage and state of an Anthology gateway.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ adminKey: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        adminKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function describeOperation(route: AdminRoute, components: Record<string, unknown>): object {
  const { operation, summary, roles: allowed, body, bytes, example } = route
  const content = body ?? bytes
  const parameters = [...listPathParameters(route), ...listQueryParameters(route, components)]
  return {
    operationId: operation,
    summary,
    description: `Roles: ${['admin', ...allowed.filter((role) => role !== 'admin')].join(', ')}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: hoist(content, components),
                ...(example.body === undefined ? {} : { example: example.body }),
              },
            },
          },
        }),
    responses: {
      [route.status ?? (route.answer === null ? 204 : 200)]: describeAnswer(route, components),
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function describeAnswer(
  { answer, mediaType = 'application/json' }: AdminRoute,
  components: Record<string, unknown>,
) {
  if (answer === null) return { description: 'Done' }
  return { description: 'Done', content: { [mediaType]: { schema: hoist(answer, components) } } }
}

function listPathParameters({ path, example }: AdminRoute): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(example.parameters?.[name] === undefined ? {} : { example: example.parameters[name] }),
  }))
}

function listQueryParameters(
  { query, example }: AdminRoute,
  components: Record<string, unknown>,
): readonly object[] {
  const examples = new URLSearchParams(example.query)
  const properties = (query?.['properties'] ?? {}) as Record<string, Schema> // `properties` holds schemas.
  const required = (query?.['required'] ?? []) as readonly string[] // `required` holds names.
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema
    return {
      name,
      in: 'query',
      ...(required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema: hoist(rest, components),
      ...(examples.has(name) && { example: readExample(schema, examples.getAll(name)) }),
    }
  })
}

/** The example of a parameter, in the type of its schema. */
function readExample({ type }: Schema, values: readonly string[]): unknown {
  if (type === 'array') return values
  const [value = ''] = values
  return type === 'string' || type === undefined ? value : (JSON.parse(value) as unknown) // Written in a route.
}

/** Replaces every schema that has a title with a reference to the component of this name. */
function hoist(schema: unknown, components: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => hoist(item, components))
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, hoist(value, components)]),
  )
  if (typeof inner['title'] !== 'string') return inner
  const { title: name, ...component } = inner
  components[name] = component
  return { $ref: `#/components/schemas/${name}` }
}

const problem = {
  ...describeObject(
    {
      type: describeText('urn:anthology:error: and the code.'),
      title: describeText('The code in words.'),
      status: { type: 'integer' },
      detail: describeText('The problem, in a sentence.'),
      code: describeText('The code of the error, as in the log and the metrics.'),
      request_id: describeText('The id of the request, as in the log.'),
      member: { type: ['string', 'null'], description: 'The member or parameter that is not valid.' },
    },
    { title: 'Problem', optional: ['member'] },
  ),
  additionalProperties: true,
}
