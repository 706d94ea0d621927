import type { Context } from '../../context.ts'
import { quotas } from '../../routing/quota.ts'
import { refusalKinds } from '../../routing/refusal.ts'
import type { UpstreamAccount } from '../../upstreams/account.ts'
import { getMedianFirstTokenMs, mergeUpstreamStates } from '../../upstreams/upstream-state.ts'
import type { ModelState, QuotaState, UpstreamState } from '../../upstreams/upstream-state.ts'
import type { AdminRoute } from './route.ts'
import { describeArray, describeObject, describePage, describeText, describeTime, orNull } from './schema.ts'
import type { Schema } from './schema.ts'

const modelHealth = describeObject(
  {
    model: describeText('`*`: every model, after a refusal for the whole account.'),
    state: {
      enum: ['healthy', 'probe', 'open', 'blocked'],
      description: 'The state of the model at the upstream, for calls at standard speed.',
    },
    failures: describeCount('Failures within the window of the circuit.'),
    last_failure_at: orNull(describeTime('')),
    last_failure: orNull(describeText('The reason of the last failure.')),
    refusal: orNull({
      enum: refusalKinds,
      description:
        'The circuit is open because the account was refused: its credit or a spending limit is exhausted, its provider has disabled it, or it has no access to the model.',
    }),
    open_since: orNull(describeTime('')),
    circuit_openings: describeCount('The times that the circuit has opened, in the processes that run now.'),
    next_try_at: orNull(describeTime('')),
    exhausted_quotas: describeArray(
      describeObject(
        {
          quota: { enum: [...quotas], description: 'Calls of other quotas are not affected.' },
          next_try_at: describeTime(''),
        },
        { title: 'ExhaustedQuota' },
      ),
    ),
    first_token_ms: orNull({ type: 'number', description: 'The median time to the first token.' }),
    first_token_answers: describeCount('The answers that the median is of.'),
    quota: orNull(
      describeObject(
        {
          used_tokens: describeCount(
            'Tokens that calls of the last minute take, with the reservations of running calls.',
          ),
          tokens_per_minute: orNull(describeCount('As configured; null: not known.')),
        },
        { title: 'TokenQuota' },
      ),
    ),
  },
  { title: 'ModelHealth' },
)

const upstream = describeObject(
  {
    name: { type: 'string' },
    platform: { type: 'string' },
    region: orNull({ type: 'string' }),
    hosting: orNull({
      enum: ['azure', 'anthropic'],
      description: 'Where the deployments of Foundry are hosted; null: not known.',
    }),
    base_url: orNull(describeText('Without user, password and query.')),
    proxy: orNull(describeText('The forward proxy to it, without user and password.')),
    models: orNull({ type: 'object', additionalProperties: { type: 'string' } }),
    price: { enum: ['catalog', 'own'] },
    group: orNull(describeCount('The group of upstreams, from 1; null: it is in none.')),
    model_groups: { type: 'object', additionalProperties: orNull({ type: 'integer' }) },
    weight: { type: 'number' },
    credential: describeObject({ rejected: orNull(describeText('The error with which it was rejected.')) }),
    open_calls: describeCount('Calls that run at the upstream.'),
    queued_calls: describeCount('Calls that wait for it.'),
    connections: describeObject({ open: { type: 'integer' }, full_times: { type: 'integer' } }),
    health: describeArray(modelHealth),
  },
  { title: 'Upstream' },
)

function describeCount(description: string): Schema {
  return { type: 'integer', description }
}

export const upstreamRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/upstreams',
    roles: ['viewer', 'billing'],
    operation: 'listUpstreams',
    summary: 'Lists the upstreams with their configuration and health',
    answer: describePage(upstream),
    example: {},
    serve: ({ context }) => listUpstreamStates(context),
  },
]

/** Describes every upstream with its configuration and its state, summed over the processes of the server. */
async function listUpstreamStates(context: Context): Promise<object> {
  const states = mergeUpstreamStates(await context.gatherUpstreams())
  return {
    data: context.accounts.map((account) => ({
      ...describeConfiguration(account, context),
      ...describeState(states.get(account.name)),
    })),
    next: null,
  }
}

function describeConfiguration(account: UpstreamAccount, { order }: Pick<Context, 'order'>): object {
  const { name, platform, region = null, hosting = null, baseUrl, proxy = null, models, rates } = account
  return {
    name,
    platform,
    region,
    hosting,
    base_url: baseUrl === undefined ? null : removeSecretParts(baseUrl),
    proxy,
    models: models === undefined ? null : Object.fromEntries(models),
    price: rates === undefined ? 'catalog' : 'own',
    group: findGroup(order.groups, name),
    model_groups: Object.fromEntries(
      [...order.modelGroups].map(([model, groups]) => [model, findGroup(groups, name)]),
    ),
    weight: order.weightOf(name),
  }
}

/** The position of an upstream's group, from 1; null: it is in none. */
function findGroup(groups: readonly (readonly string[])[], name: string): number | null {
  const at = groups.findIndex((group) => group.includes(name))
  return at < 0 ? null : at + 1
}

/** A URL may contain a password, or a query with a key. */
function removeSecretParts(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/$/, '')
}

function describeState(state: UpstreamState | undefined): object {
  return {
    credential: { rejected: state?.rejection ?? null },
    open_calls: state?.openCalls ?? 0,
    queued_calls: state?.queuedCalls ?? 0,
    connections: { open: state?.connections ?? 0, full_times: state?.connectionsFull ?? 0 },
    health: state?.models.map(describeModel) ?? [],
  }
}

function describeModel(state: ModelState): object {
  return {
    model: state.model,
    state: state.state,
    failures: state.failures,
    last_failure_at: printTime(state.lastFailureAtMs),
    last_failure: state.lastFailure,
    refusal: state.refusal,
    open_since: printTime(state.openSinceMs),
    circuit_openings: state.openings,
    next_try_at: printTime(state.nextTryAtMs),
    exhausted_quotas: state.exhausted.map(({ quota, untilMs }) => ({
      quota,
      next_try_at: printTime(untilMs),
    })),
    first_token_ms: getMedianFirstTokenMs(state),
    first_token_answers: state.recentFirstTokenMs.length,
    quota: state.quota === null ? null : describeQuota(state.quota),
  }
}

function describeQuota({ usedTokens, limitTokens }: QuotaState): object {
  return { used_tokens: usedTokens, tokens_per_minute: limitTokens }
}

function printTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
