import { models } from '@anthology/catalog'
import { createHostCheck } from '@anthology/wire'
import type { HostCheck } from '@anthology/wire'

import { createAdminAccess } from './auth/admin-access.ts'
import type { FindMember } from './auth/admin-access.ts'
import { readRootSecret } from './auth/aws-credentials.ts'
import { createAddressReader, readTrustedProxies } from './auth/client-address.ts'
import { createWindowCounter } from './auth/window-counter.ts'
import { createAbandonedReads } from './calls/abandoned-reads.ts'
import { pingAfterMs } from './calls/silence-timer.ts'
import { createBlockTagger } from './calls/tag-blocks.ts'
import { readBodiesConfig } from './bodies/bodies-config.ts'
import type { BodiesConfig } from './bodies/bodies-config.ts'
import { openStoredBodies } from './bodies/stored-bodies.ts'
import type { StoredBodies } from './bodies/stored-bodies.ts'
import { readFallbackPrice } from './budgets/budget-config.ts'
import type { BudgetsConfig } from './budgets/budget-config.ts'
import { openBudgets } from './budgets/open-budgets.ts'
import type { OpenBudgets } from './budgets/open-budgets.ts'
import { createBodyReader } from './http/body.ts'
import type { Context } from './context.ts'
import { dispatch } from './dispatch.ts'
import { findConsoleCaller } from './auth/console-access.ts'
import { createConsole } from './endpoints/console/console-parts.ts'
import type { ConsoleOptions } from './endpoints/console/console-parts.ts'
import { startSweeper } from './resources/sweeper.ts'
import { createKeyRing } from './auth/key-ring.ts'
import type { BuiltInKey } from './auth/key-ring.ts'
import { checkSecrets, listSecrets, reportShortSecrets } from './auth/server-secrets.ts'
import type { Durability } from './store/sqlite/database.ts'
import type { RetentionConfig } from './store/retention.ts'
import { openServerStore } from './store/server-store.ts'
import type { ServerStore } from './store/server-store.ts'
import { defaultLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { listen } from './port/listen.ts'
import { createLog } from './log.ts'
import type { Log, LogEntry } from './log.ts'
import { monotonicMs } from './clock.ts'
import type { UpstreamAccount } from './upstreams/account.ts'
import { listForeignModels } from './upstreams/foreign-model.ts'
import { createCredentialHealth } from './upstreams/credential-health.ts'
import { noProxies } from './upstreams/proxies/choose-proxy.ts'
import type { ProxyChoice } from './upstreams/proxies/choose-proxy.ts'
import { readUpstreamStates } from './upstreams/upstream-state.ts'
import type { UpstreamState } from './upstreams/upstream-state.ts'
import type { PortCounts } from './port/connections.ts'
import type { Handler } from './http/client-exchange.ts'
import { createPort } from './port/port.ts'
import type { Port } from './port/port.ts'
import type { Certificate } from './port/tls-layer.ts'
import { readGauges } from './telemetry/gauges.ts'
import type { WorkerReport } from './telemetry/exited-worker-counts.ts'
import { createFirstTokenTimes } from './telemetry/first-token-times.ts'
import type { MetricSnapshot } from './telemetry/metric.ts'
import { createTelemetry } from './telemetry/telemetry.ts'
import { createTracing } from './telemetry/tracing.ts'
import type { TelemetryConfig } from './telemetry/tracing.ts'
import { createCallLimits } from './rates/call-limits.ts'
import { createRateLimits } from './rates/rate-limits.ts'
import type { FindRateLimits, RatesConfig } from './rates/rate-limits.ts'
import { createRates } from './rates/rates.ts'
import { LiveRouting } from './routing/live-routing.ts'
import { createQuotaBuckets } from './routing/quota-buckets.ts'
import type { RoutingConfig } from './routing/routing-config.ts'
import { limitRegions, readWorkspaceRegions } from './routing/residency.ts'
import type { WorkspaceConfig, WorkspaceRegions } from './routing/residency.ts'
import { createRetryBudget } from './routing/retry-budget.ts'
import { connectProcess } from './routing/process-news.ts'
import { createRunningAttempts } from './calls/running-attempts.ts'
import type { WorkerClient } from './cluster/worker.ts'
import type { LedgerListeners } from './cluster/worker-ledger.ts'
import { collectReports, gatherMetrics } from './cluster/gather-reports.ts'
import { shareLimits } from './cluster/shared-limits.ts'

export interface GatewayOptions {
  readonly accounts: readonly UpstreamAccount[]
  /** The folder of the ledger and the stored keys. */
  readonly dataFolder: string
  /** The URL of a PostgreSQL that holds all tables; default: SQLite in the data folder. */
  readonly store?: string | undefined
  /** The URL of a read replica of the store, for reports and lists. Default: the store. */
  readonly storeRead?: string | undefined
  /** Keys that are not in the store, such as the data folder's local key. */
  readonly keys?: readonly BuiltInKey[]
  /** The key of the admin API. Without one, the admin API accepts no key. */
  readonly adminKey?: string | undefined
  readonly console?: ConsoleOptions | undefined
  /** Finds the callers of the admin API that come without the admin key. Default: by the session of the console. */
  readonly findMember?: FindMember | undefined
  /** Workspaces that are created where they are missing, and the regions that their keys may use. */
  readonly workspaces?: readonly WorkspaceConfig[] | undefined
  /** Addresses and networks of proxies whose `x-forwarded-for` is believed. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined
  /** The secret from which AWS credentials are derived; default: the data folder's own. */
  readonly rootSecret?: string | undefined
  readonly limits?: Partial<Limits>
  /** With a certificate, the port accepts only TLS. */
  readonly tls?: Certificate | undefined
  /** Rate limits per key and minute. */
  readonly rates?: RatesConfig | undefined
  /** Budgets, labels of calls, and what else the configuration says about money. */
  readonly budgets?: BudgetsConfig | undefined
  /** Names of models of your own. */
  readonly routing?: RoutingConfig | undefined
  /** Set in a cluster worker: the cluster shares the ledger and the rate limits, and the worker gets its share of the server-wide limits. */
  readonly worker?: WorkerClient | undefined
  /** Reject requests that violate the model's rules without sending them to an upstream. Default: true. */
  readonly validateRequests?: boolean
  /** Store short keyed hashes of the cacheable blocks of a call, for the cache doctor. Default: true. */
  readonly tagBlocks?: boolean | undefined
  /** Names by which clients call this server, besides loopback names; see `createHostCheck`. */
  readonly hosts?: readonly string[] | undefined
  /** The origins whose web pages may call the API. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined
  readonly durability?: Durability
  /** The folder for calls that run while the data folder takes nothing. Default: a folder of this user in the system's temporary folder. */
  readonly emergencyFolder?: string | undefined
  /** The time for which calls and their sums are kept. Default: forever. */
  readonly retention?: RetentionConfig | undefined
  /** Store prompts and answers. Default: they are not stored. */
  readonly bodies?: BodiesConfig | undefined
  /** Cut the running calls of a key when it is revoked. Default: true. */
  readonly cutRevokedCalls?: boolean
  readonly log?: (entry: LogEntry) => void
  readonly telemetry?: TelemetryConfig
  /** The way to the provider of sign-ins, to webhooks and to the collector of traces. Default: no proxy. */
  readonly proxies?: ProxyChoice | undefined
  /** Returns the metrics of all processes that share the port; `own` returns those of this process. Default: all workers of the cluster. */
  readonly gatherMetrics?: (own: () => MetricSnapshot) => Promise<readonly MetricSnapshot[]>
  /** A stream whose client gets nothing for this time gets a ping. Default: 15 s. */
  readonly pingAfterMs?: number
  readonly nowMs?: () => number
}

export interface Gateway {
  /** Calls of an earlier process that never ended; the ledger records them as `unknown`. */
  readonly abandonedCalls: number
  listen(port: number, host: string): Promise<{ readonly url: string; readonly port: number }>
  /** Open connections, and the number of rejections by the port's limits. */
  counts(): PortCounts
  /** This process's metrics, as plain data for the process that reports for all. */
  metrics(): MetricSnapshot
  /** Rejects new calls, lets running calls finish, and closes the ledger. */
  close(): Promise<void>
}

/**
 * Opens the data folder and creates a gateway that is ready to listen. If it throws, everything is closed again: the
 * folder can be opened once more, and nothing keeps the process running.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const opened: Close[] = []
  try {
    return await openGateway(options, opened)
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

type Close = () => unknown

/** Closes what was opened last first. */
async function closeAll(opened: readonly Close[]): Promise<void> {
  for (const close of opened.toReversed()) await close()
}

async function openGateway(options: GatewayOptions, opened: Close[]): Promise<Gateway> {
  const { worker, cutRevokedCalls: cutsRevoked, tls } = options
  let getTime = options.nowMs ?? Date.now
  const nowMs = () => getTime()
  const limits = shareLimits(options.limits ?? {}, worker?.workers ?? 1)
  const learned = options.accounts.flatMap((account) => account.learned ?? [])
  const log = createLog(options.log ?? (() => {}), listSecrets(options), learned)
  const tracing = await createTracing(options.telemetry ?? {}, log, options.proxies ?? noProxies)
  opened.push(() => tracing?.close())
  const getRootSecret = () => readRootSecret(options.dataFolder, options.rootSecret)
  const regions: WorkspaceRegions = new Map()
  const ring = limitRegions(createKeyRing(options.keys ?? [], getRootSecret, { cutsRevoked, nowMs }), regions)
  const routing = createRouting({ ...options, nowMs })
  const { resolveModel } = routing
  const getLimits = createRateLimits(options.rates, resolveModel)
  const store = await openServerStore({ ...options, ...createListeners(ring, log), limits, log })
  opened.push(() => store.close())
  getTime = options.nowMs ?? store.database.nowMs
  await readWorkspaceRegions(store.database, options.workspaces ?? [], regions)
  ring.replace(store.ledger.keys)

  // Report server-wide limits; each worker enforces its share.
  const telemetry = createTelemetry({ ...defaultLimits, ...options.limits })
  opened.push(() => telemetry.close())
  const storedBodies = await openBodies(options, store, { log, nowMs })
  opened.push(() => storedBodies?.close())
  const { warmth, health } = connectProcess(store.news, options.routing?.circuit ?? {}, options.nowMs)
  const parts = { ...store, resolveModel, routing, log, storedBodies, telemetry, warmth, health }
  const money = await openBudgets({ ...options, nowMs }, parts, async () => {})
  opened.push(() => money.close())
  opened.push(() => routing.close())
  await routing.watch(store.database, log)
  let draining = false
  let hostCheck: HostCheck = { accepts: () => true }
  const context = createContext(options, getLimits, {
    ring,
    getRootSecret,
    ...parts,
    nowMs,
    money,
    limits,
    tracing,
    hostCheck: () => hostCheck,
    draining: () => draining,
  })
  const sweeper = worker === undefined || worker.number === 0 ? startSweeper(context) : null
  if (sweeper !== null) reportShortSecrets(options.accounts, log)
  const serve: Handler = (request, response) => void dispatch(context, request, response)
  const port = createPort(limits, serve, { tls, telemetry })
  opened.push(() => Promise.all(options.accounts.map(async (account) => account.close?.())))
  opened.push(() => port.close(limits.drainMs, context.runningAttempts.cutAll))
  opened.push(() => sweeper?.stop())
  await context.console.start()
  watchMetrics(context, port, worker)

  return {
    abandonedCalls: store.ledger.abandoned,
    counts: () => port.counts(),
    metrics: () => telemetry.snapshot(),
    async listen(number, host) {
      checkSecrets(options, host, log)
      const scheme = tls === undefined ? 'http' : 'https'
      const wanted = { port: number, host, scheme, reusePort: worker?.reusePort ?? false } as const
      const { address, ...bound } = await listen(port.server, wanted)
      hostCheck = createHostCheck(options.hosts ?? [], address)
      return bound
    },
    async close() {
      draining = true
      await closeAll(opened)
    },
  }
}

async function openBodies(
  { bodies, dataFolder }: GatewayOptions,
  { database }: ServerStore,
  tools: Parameters<typeof openStoredBodies>[1],
): Promise<StoredBodies | null> {
  if (bodies === undefined) return null
  return openStoredBodies(await readBodiesConfig(bodies, dataFolder, database), tools)
}

function createListeners(ring: Pick<Context['ring'], 'replace'>, log: Log): LedgerListeners {
  return {
    onKeys: (keys) => ring.replace(keys),
    onFailure: (message) => log({ level: 'error', event: 'ledger_failed', message }),
  }
}

function createRouting({ routing, accounts, nowMs }: GatewayOptions): LiveRouting {
  const upstreams = accounts.map(({ name }) => name)
  return new LiveRouting({ config: routing ?? {}, upstreams, foreign: listForeignModels(accounts), nowMs })
}

type Parts = Pick<
  Context,
  | 'ring'
  | 'getRootSecret'
  | 'resolveModel'
  | 'routing'
  | 'ledger'
  | 'database'
  | 'reports'
  | 'limits'
  | 'log'
  | 'telemetry'
  | 'storedBodies'
  | 'tracing'
  | 'warmth'
  | 'health'
  | 'hostCheck'
  | 'draining'
  | 'nowMs'
>

function createContext(
  options: GatewayOptions,
  getLimits: FindRateLimits,
  { money, rates, ...parts }: Parts & Pick<ServerStore, 'rates'> & { readonly money: OpenBudgets },
): Context {
  const { accounts, adminKey, corsOrigins, worker, tagBlocks = true, proxies = noProxies } = options
  const { database, limits, nowMs, resolveModel, telemetry, ring, routing } = parts
  const getClientAddress = createAddressReader(readTrustedProxies(options.trustedProxies ?? []))
  const countLimit = (limit: keyof Limits) => telemetry.countLimit(limit)
  const consoleParts = createConsole(options.console ?? {}, { database, nowMs, proxies })
  const { findMember = (request) => findConsoleCaller(consoleParts.sessions, request) } = options
  const context: Context = {
    ...parts,
    accounts,
    tagBlocks: tagBlocks ? createBlockTagger(parts.getRootSecret) : () => null,
    order: routing.order,
    models: new Map([...models, ...routing.foreign.values()].map((model) => [model.id, model])),
    foreignModels: [...routing.foreign.values()],
    quotas: createQuotaBuckets(accounts, { nowMs: monotonicMs, processes: worker?.workers ?? 1 }),
    runningAttempts: createRunningAttempts(),
    retries: createRetryBudget(() => telemetry.running.calls, monotonicMs),
    firstTokens: createFirstTokenTimes(),
    console: consoleParts,
    retention: options.retention ?? {},
    admin: createAdminAccess({ adminKey, ring, findMember, getClientAddress, nowMs: monotonicMs }),
    adminRequests: createWindowCounter(monotonicMs),
    getClientAddress,
    bodies: createBodyReader(limits),
    callLimits: createCallLimits(
      createRates({ getLimits, nowMs: monotonicMs, wallMs: Date.now, ...rates }),
      limits,
      { nowMs: monotonicMs, countLimit, resolveModel },
    ),
    budgets: money.budgets,
    getRateLimits: getLimits,
    refreshBudgets: () => money.refresh(),
    fallbackPrice: readFallbackPrice(options.budgets ?? {}),
    labels: new Set(options.budgets?.labels),
    processId: money.processId,
    abandonedReads: createAbandonedReads(limits.abandonedReads, () => countLimit('abandonedReads')),
    credentials: createCredentialHealth(monotonicMs),
    validateRequests: options.validateRequests ?? true,
    corsOrigins: new Set(corsOrigins),
    pingAfterMs: options.pingAfterMs ?? pingAfterMs,
    gatherMetrics: options.gatherMetrics ?? ((own) => gatherMetrics(own, worker)),
    gatherUpstreams: async (): Promise<readonly (readonly UpstreamState[])[]> =>
      worker === undefined
        ? [readUpstreamStates(context)]
        : (await collectReports(worker)).map(({ upstreams }) => upstreams),
  }
  return context
}

function watchMetrics(context: Context, port: Port, worker: WorkerClient | undefined): void {
  context.telemetry.watch(() => readGauges(context, port))
  worker?.setReport((): WorkerReport => ({
    metrics: context.telemetry.snapshot(),
    upstreams: readUpstreamStates(context),
  }))
}
