import { aliasProperties, weightsSchema } from '../../config/routing-schema.ts'
import type { Context } from '../../context.ts'
import type { Change } from '../../organization/change.ts'
import { describeAlias, describeRouting, describeWeights } from '../../organization/describe-routing.ts'
import type { RoutingBase } from '../../organization/describe-routing.ts'
import {
  listRoutingChanges,
  removeAlias,
  removeWeights,
  setAlias,
  setWeights,
} from '../../organization/routing-changes.ts'
import type { RoutingChange } from '../../organization/routing-changes.ts'
import type { AliasTarget, Weights } from '../../routing/routing-config.ts'
import type { Queries } from '../../store/database.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeText, describeTime, orNull } from './schema.ts'

async function show({ context }: AdminRequest): Promise<object> {
  const { groups, modelGroups } = context.order
  const changes = await listRoutingChanges(context.database)
  return {
    groups,
    models: Object.fromEntries(modelGroups),
    ...describeRouting(getBase(context), changes),
  }
}

function getBase({ routing: { config, foreign }, accounts }: Context): RoutingBase {
  return { config, foreign, upstreams: accounts.map(({ name }) => name) }
}

/** Makes a change effective in this process at once; every other process reads it within half a second. */
function finish(
  { routing }: Pick<Context, 'routing'>,
  change: Change<RoutingChange | null>,
  result: object | null,
): Change<object | null> {
  setImmediate(() => void routing.refresh())
  return { ...change, result }
}

async function putAlias(request: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  const { context, parameters, body } = request
  const { foreign } = context.routing
  const target = body as AliasTarget // Validated by its schema.
  const nowMs = context.nowMs()
  const change = await setAlias(queries, parameters['name'] ?? '', { target, foreign, nowMs })
  return finish(context, change, describeAlias(getBase(context), change.result.name, change.result))
}

async function deleteAlias(request: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  const { context, parameters } = request
  return finish(context, await removeAlias(queries, parameters['name'] ?? ''), null)
}

async function putWeights(request: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  const { context, body } = request
  const { weights } = body as { readonly weights: Weights } // Validated by its schema.
  const { upstreams } = getBase(context)
  const nowMs = context.nowMs()
  const change = await setWeights(queries, weights, { order: context.order, upstreams, nowMs })
  return finish(context, change, describeWeights(getBase(context), change.result))
}

async function deleteWeights({ context }: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  return finish(context, await removeWeights(queries), null)
}

const source = {
  enum: ['config', 'api'],
  description: 'config: it is in anthology.yaml. api: it was changed at run time, which precedes the file.',
} as const

const changedAt = orNull(describeTime('When it was changed at run time; null: it was not.'))

const target = {
  to: aliasProperties.to,
  share: describeText('The share of the conversations.'),
  from: orNull(describeText('The first day (UTC); null: always.')),
}

const alias = describeObject(
  {
    name: describeText('The name that clients send.'),
    ...target,
    source,
    changed_at: changedAt,
    config: orNull(describeObject(target)),
    problem: orNull(
      describeText(
        'Why the changed alias is ignored, so that the configuration applies; null: it is effective.',
      ),
    ),
  },
  { title: 'Alias' },
)

const weights = describeObject(
  {
    source,
    changed_at: changedAt,
    values: { ...weightsSchema, description: 'The weight of every upstream now.' },
    config: { ...weightsSchema, description: 'The weight of every upstream in anthology.yaml.' },
  },
  { title: 'Weights' },
)

const list = describeArray({ type: 'string' })

const aliasPath = '/admin/v1/routing/aliases/{name}'
const weightsPath = '/admin/v1/routing/weights'
const example = { parameters: { name: 'our-best' } }

export const routingRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/routing',
    roles: ['viewer'],
    operation: 'getRouting',
    summary: 'Shows aliases, weights and groups with the source of every value',
    answer: describeObject({
      groups: describeArray(list, 'Upstreams in order of preference.'),
      models: { type: 'object', additionalProperties: describeArray(list) },
      weights,
      aliases: describeArray(alias),
    }),
    example: {},
    serve: show,
  },
  {
    method: 'PUT',
    path: aliasPath,
    roles: [],
    operation: 'setAlias',
    summary:
      'Sets the target and the share of an alias, which precede the configuration in every process within a second',
    body: describeObject(aliasProperties, { title: 'AliasInput', optional: ['share', 'from'] }),
    answer: alias,
    example: { ...example, body: { to: 'claude-opus-4-1' } },
    change: putAlias,
  },
  {
    method: 'DELETE',
    path: aliasPath,
    roles: [],
    operation: 'resetAlias',
    summary: 'Removes the change of an alias: the configuration applies again',
    answer: null,
    example,
    change: deleteAlias,
  },
  {
    method: 'PUT',
    path: weightsPath,
    roles: [],
    operation: 'setWeights',
    summary:
      'Sets the weights of all upstreams, which precede the configuration in every process within a second',
    body: describeObject({ weights: weightsSchema }, { title: 'WeightsInput' }),
    answer: weights,
    example: { body: { weights: {} } },
    change: putWeights,
  },
  {
    method: 'DELETE',
    path: weightsPath,
    roles: [],
    operation: 'resetWeights',
    summary: 'Removes the change of the weights: the configuration applies again',
    answer: null,
    example: {},
    change: deleteWeights,
  },
]
