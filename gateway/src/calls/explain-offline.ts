import { models } from '@anthology/catalog'

import { ApiError } from '../errors.ts'
import { createRequestId } from '../http/request-id.ts'
import type { Limits } from '../limits.ts'
import { createNameResolver } from '../routing/name-resolver.ts'
import { createRoutingOrder } from '../routing/routing-config.ts'
import type { RoutingConfig } from '../routing/routing-config.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { explainCall } from './explain-call.ts'
import type { ExplainRequest, Explanation } from './explain-call.ts'

interface OfflineOptions {
  readonly accounts: readonly UpstreamAccount[]
  readonly routing: RoutingConfig | undefined
  readonly validateRequests: boolean
  readonly limits: Limits
}

type OfflineAnswer =
  | { readonly explanation: Explanation; readonly apiError: ApiError | null }
  | { readonly explanation: null; readonly apiError: ApiError }

/**
 * Explains a request from the configuration alone: without keys, and as if every upstream were healthy and no
 * conversation had begun. `explanation` is null if the request cannot be planned; then `apiError` says why.
 */
export async function explainOffline(
  { accounts, routing, validateRequests, limits }: OfflineOptions,
  request: Omit<ExplainRequest, 'id' | 'key'>,
): Promise<OfflineAnswer> {
  const names = accounts.map(({ name }) => name)
  const context = {
    accounts,
    order: createRoutingOrder(routing ?? {}, names),
    models: new Map(models.map((model) => [model.id, model])),
    resolveModel: createNameResolver(routing),
    validateRequests,
    limits,
    health: { check: () => ({ kind: 'healthy' }) as const },
    warmth: { find: () => null },
    ledger: { query: async () => [] },
    nowMs: Date.now,
  }
  try {
    return await explainCall(context, { ...request, id: createRequestId(), key: null })
  } catch (error) {
    if (error instanceof ApiError) return { explanation: null, apiError: error }
    throw error
  }
}
