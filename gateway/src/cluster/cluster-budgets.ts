import type { Resolution } from '@anthology/catalog'

import { checkWebhooks, readConfiguredBudgets } from '../budgets/budget-config.ts'
import type { BudgetsConfig } from '../budgets/budget-config.ts'
import { openBudgetOwner } from '../budgets/budget-owner.ts'
import type { BudgetOwner, BudgetOwnerOptions } from '../budgets/budget-owner.ts'
import { requireScopes } from '../budgets/open-budgets.ts'
import { openThresholdEvents } from '../budgets/threshold-events.ts'
import { monotonicMs } from '../clock.ts'
import { createLeaseServer } from '../leases/lease-server.ts'
import type { LeaseServer } from '../leases/lease-server.ts'
import type { FromLeaseServer } from '../leases/message.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/database.ts'
import { noProxies } from '../upstreams/proxies/choose-proxy.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'

interface ClusterBudgetsOptions {
  readonly config: BudgetsConfig
  readonly builtInKeys: BudgetOwnerOptions['builtInKeys']
  readonly resolveModel: ((name: string) => Resolution) | undefined
  readonly database: Database
  readonly workers: number
  readonly serverId: string
  readonly log: Log
  /** The way to the webhooks. Default: no proxy. */
  readonly proxies?: Pick<ProxyChoice, 'choose'> | undefined
  readonly post: (worker: number, message: FromLeaseServer) => void
  readonly onNews: NonNullable<BudgetOwnerOptions['onNews']>
}

/** The primary's side of budgets: the book, the server that lends its workers shares of it, and the events. */
export interface ClusterBudgets {
  readonly serverId: string
  readonly owner: BudgetOwner
  readonly leaseServer: LeaseServer
  close(): Promise<void>
}

export async function openClusterBudgets(options: ClusterBudgetsOptions): Promise<ClusterBudgets> {
  const { config, builtInKeys, resolveModel, database, workers, serverId, log, post, onNews } = options
  const { proxies = noProxies } = options
  checkWebhooks(config)
  await requireScopes(database, config)
  let owner: BudgetOwner | null = null
  const leaseServer = createLeaseServer({
    post,
    nowMs: monotonicMs,
    idleMs: idleWindowMs,
    createLimits: (name) => owner?.book.createLimits(name) ?? [],
    grow:
      database.dialect === 'postgres' ? async (name, amount) => owner?.book.growFor(name, amount) : undefined,
    workers,
  })
  const telemetry = { countBudget: () => {} }
  const { nowMs } = database
  const { webhooks = [] } = config
  const events = openThresholdEvents({ database, webhooks, nowMs, log, telemetry, proxies })
  owner = await openBudgetOwner({
    database,
    configured: readConfiguredBudgets(config, resolveModel),
    builtInKeys,
    holder: serverId,
    nowMs,
    log,
    countLent: (name) => leaseServer.countLent(name),
    recall: (name) => leaseServer.recall(name),
    onUsed: (booked, used, limit) => events.note(booked, used, limit),
    onNews,
  })
  const opened = owner
  return {
    serverId,
    owner: opened,
    leaseServer,
    async close() {
      await opened.close()
      await events.close()
    },
  }
}

/** Longer than any call, whose process reports to its window when it ends. */
const idleWindowMs = 4 * 3_600_000
