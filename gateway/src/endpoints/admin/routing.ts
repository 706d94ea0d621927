import { aliasProperties, weightsSchema } from '../../config/routing-schema.ts'
import type { Context } from '../../context.ts'
import { printTime } from '../../organization/change.ts'
import type { Change } from '../../organization/change.ts'
import {
  listRoutingChanges,
  removeAlias,
  removeWeights,
  setAlias,
  setWeights,
} from '../../organization/routing-changes.ts'
import type { AliasChange, RoutingChange, WeightsChange } from '../../organization/routing-changes.ts'
import { readAlias } from '../../routing/alias.ts'
import type { AliasTarget, Weights } from '../../routing/routing-config.ts'
import type { Queries } from '../../store/database.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeText, describeTime, orNull } from './schema.ts'

async function describeRouting({ context }: AdminRequest): Promise<object> {
  const { order, config } = context.routing
  const changes = await listRoutingChanges(context.database)
  const changed = new Map(
    changes.flatMap((change) => (change.kind === 'alias' ? [[change.name, change] as const] : [])),
  )
  const names = new Set([...Object.keys(config.aliases ?? {}), ...changed.keys()])
  return {
    groups: order.groups,
    models: Object.fromEntries(order.modelGroups),
    weights: printWeights(
      context,
      changes.find((change) => change.kind === 'weights'),
    ),
    aliases: [...names]
      .toSorted((one, other) => (one < other ? -1 : 1))
      .map((name) => printAlias(context, name, changed.get(name))),
  }
}

function printWeights(
  { routing, accounts }: Pick<Context, 'routing' | 'accounts'>,
  change: WeightsChange | undefined,
): object {
  const print = (weights: Weights) =>
    Object.fromEntries(accounts.map(({ name }) => [name, weights[name] ?? 1]))
  const configured = routing.config.weights ?? {}
  return {
    source: change === undefined ? 'config' : 'api',
    changed_at: printTime(change?.changedAtMs ?? null),
    values: print(change?.weights ?? configured),
    config: print(configured),
  }
}

function printAlias(
  { routing }: Pick<Context, 'routing'>,
  name: string,
  change: AliasChange | undefined,
): object {
  const { aliases = {} } = routing.config
  const configured = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  const target = change?.target ?? configured ?? ''
  const read = readAlias(name, target, routing.foreign)
  return {
    name,
    ...printTarget(target),
    source: change === undefined ? 'config' : 'api',
    changed_at: printTime(change?.changedAtMs ?? null),
    config: configured === undefined ? null : printTarget(configured),
    problem: 'problem' in read ? read.problem.message : null,
  }
}

function printTarget(target: AliasTarget) {
  const { to, share = '100%', from = null } = typeof target === 'string' ? { to: target } : target
  return { to, share, from }
}

/** Makes a change effective in this process at once; every other process reads it within half a second. */
function finish<Kind extends RoutingChange | null>(
  { routing }: Pick<Context, 'routing'>,
  change: Change<Kind>,
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
  return finish(context, change, printAlias(context, change.result.name, change.result))
}

async function deleteAlias(request: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  const { context, parameters } = request
  return finish(context, await removeAlias(queries, parameters['name'] ?? ''), null)
}

async function putWeights(request: AdminRequest, queries: Queries): Promise<Change<object | null>> {
  const { context, body } = request
  const { weights } = body as { readonly weights: Weights } // Validated by its schema.
  const upstreams = context.accounts.map(({ name }) => name)
  const nowMs = context.nowMs()
  const change = await setWeights(queries, weights, { order: context.order, upstreams, nowMs })
  return finish(context, change, printWeights(context, change.result))
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
    serve: describeRouting,
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
