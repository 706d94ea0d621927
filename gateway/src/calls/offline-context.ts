import { models } from '@anthology/catalog'

import type { Context } from '../context.ts'
import type { Limits } from '../limits.ts'
import { createNameResolver } from '../routing/name-resolver.ts'
import { createRoutingOrder } from '../routing/routing-config.ts'
import type { RoutingConfig } from '../routing/routing-config.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { PlanningContext } from './plan-call.ts'
import { listForeignModels } from '../upstreams/foreign-model.ts'

export interface OfflineOptions {
  readonly accounts: readonly UpstreamAccount[]
  readonly routing?: RoutingConfig | undefined
  readonly validateRequests: boolean
  readonly limits: Limits
}

/** What plans depend on, without a running gateway: no file is stored, and every upstream is healthy and idle. */
export function createOfflineContext({
  accounts,
  routing,
  validateRequests,
  limits,
}: OfflineOptions): PlanningContext & Pick<Context, 'resolveModel' | 'nowMs'> {
  const names = accounts.map(({ name }) => name)
  const foreign = listForeignModels(accounts)
  return {
    accounts,
    order: createRoutingOrder(routing ?? {}, names, foreign),
    models: new Map([...models, ...foreign.values()].map((model) => [model.id, model])),
    resolveModel: createNameResolver(routing, { foreign }),
    validateRequests,
    limits,
    labels: new Set(),
    health: { check: () => ({ kind: 'healthy' }) as const },
    quotas: { getWaitMs: () => 0 },
    warmth: { find: () => null },
    ledger: { query: async () => [] },
    callLimits: { queues: new Map() },
    nowMs: Date.now,
  }
}
