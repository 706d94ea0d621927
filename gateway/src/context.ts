import type { Model } from '@anthology/catalog'
import type { HostCheck } from '@anthology/wire'

import type { AdminAccess } from './auth/admin-access.ts'
import type { GetClientAddress } from './auth/client-address.ts'
import type { WindowCounter } from './auth/window-counter.ts'
import type { AbandonedReads } from './calls/abandoned-reads.ts'
import type { Budgets } from './budgets/budgets.ts'
import type { TagBlocks } from './calls/tag-blocks.ts'
import type { StoredBodies } from './bodies/stored-bodies.ts'
import type { BodyReader } from './http/body.ts'
import type { KeyRing } from './auth/key-ring.ts'
import type { ConsoleParts } from './endpoints/console/console-parts.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Reports } from './ledger/reports.ts'
import type { Database } from './store/database.ts'
import type { RetentionConfig } from './store/retention.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import type { OwnRates } from './upstreams/own-price.ts'
import type { UpstreamAccount } from './upstreams/account.ts'
import type { CredentialHealth } from './upstreams/credential-health.ts'
import type { UpstreamState } from './upstreams/upstream-state.ts'
import type { FirstTokenTimes } from './telemetry/first-token-times.ts'
import type { MetricSnapshot } from './telemetry/metric.ts'
import type { Health } from './routing/health.ts'
import type { QuotaBuckets } from './routing/quota-buckets.ts'
import type { LiveRouting } from './routing/live-routing.ts'
import type { RoutingOrder } from './routing/routing-config.ts'
import type { RetryBudget } from './routing/retry-budget.ts'
import type { Warmth } from './routing/warmth.ts'
import type { ResolveName } from './routing/name-resolver.ts'
import type { RunningAttempts } from './calls/running-attempts.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import type { Tracing } from './telemetry/tracing.ts'
import type { CallLimits } from './rates/call-limits.ts'
import type { FindRateLimits } from './rates/rate-limits.ts'

/** The dependencies of every call; created once, by createGateway. */
export interface Context {
  readonly accounts: readonly UpstreamAccount[]
  /** The routing of the configuration with the changes at run time; `order` and `resolveModel` follow it. */
  readonly routing: LiveRouting
  /** The order of upstreams. */
  readonly order: RoutingOrder
  /** All models by id: those of the catalog, and those outside it that an upstream serves. */
  readonly models: ReadonlyMap<string, Model>
  /** The models outside the catalog. */
  readonly foreignModels: readonly Model[]
  readonly health: Health
  readonly quotas: QuotaBuckets
  readonly warmth: Warmth
  readonly retries: RetryBudget
  readonly firstTokens: FirstTokenTimes
  readonly ring: KeyRing
  readonly admin: AdminAccess
  /** Requests to the admin API by caller. */
  readonly adminRequests: WindowCounter
  /** The secret from which AWS credentials are derived. */
  readonly getRootSecret: () => string
  readonly tagBlocks: TagBlocks
  readonly getClientAddress: GetClientAddress
  readonly console: ConsoleParts
  /** The time for which calls and their sums are kept. */
  readonly retention: RetentionConfig
  readonly resolveModel: ResolveName
  readonly ledger: Ledger
  /** The tables of the store, for everything but the path of a call. */
  readonly database: Database
  /** Reads many rows, in a thread of its own. */
  readonly reports: Reports
  readonly bodies: BodyReader
  /** Null: prompts and answers are not stored. */
  readonly storedBodies: StoredBodies | null
  readonly callLimits: CallLimits
  readonly budgets: Budgets
  /** The rates of a key for a model. */
  readonly getRateLimits: FindRateLimits
  /** Makes a change of the table of budgets effective now. */
  readonly refreshBudgets: () => Promise<void>
  /** The price of models whose own price nobody knows; null: they are refused where a budget applies. */
  readonly fallbackPrice: OwnRates | null
  /** The names that labels of calls may have. */
  readonly labels: ReadonlySet<string>
  /** Identifies this process in the rows of its calls. */
  readonly processId: string
  readonly abandonedReads: AbandonedReads
  readonly credentials: CredentialHealth
  readonly limits: Limits
  /** A stream whose client gets nothing for this time gets a ping. */
  readonly pingAfterMs: number
  readonly validateRequests: boolean
  /** The check of the `host` header; it depends on the address that the gateway listens on. */
  readonly hostCheck: () => HostCheck
  /** The origins whose web pages may call the API. */
  readonly corsOrigins: ReadonlySet<string>
  readonly log: Log
  readonly telemetry: Telemetry
  readonly runningAttempts: RunningAttempts
  /** Null if tracing is off. */
  readonly tracing: Tracing | null
  readonly gatherMetrics: (own: () => MetricSnapshot) => Promise<readonly MetricSnapshot[]>
  /** The states of the upstreams in every process of the server. */
  readonly gatherUpstreams: () => Promise<readonly (readonly UpstreamState[])[]>
  readonly nowMs: () => number
  /** True after the signal to stop. */
  readonly draining: () => boolean
}
