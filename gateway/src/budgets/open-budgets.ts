import { readOwnerNames } from '../ledger/owner-names.ts'
import { randomText } from '../http/request-id.ts'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { ResolveName } from '../routing/name-resolver.ts'
import { readReplicaId } from '../store/replica-id.ts'
import type { Database } from '../store/database.ts'
import { noProxies } from '../upstreams/proxies/choose-proxy.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'
import type { WorkerClient } from '../cluster/worker.ts'
import { checkScopes, checkWebhooks, readConfiguredBudgets } from './budget-config.ts'
import type { BudgetsConfig } from './budget-config.ts'
import { openBudgetOwner } from './budget-owner.ts'
import type { BudgetOwner } from './budget-owner.ts'
import { Budgets } from './budgets.ts'
import { openThresholdEvents } from './threshold-events.ts'

interface BudgetOptions {
  readonly budgets?: BudgetsConfig | undefined
  /** Keys that are not in the store. */
  readonly keys?: readonly { readonly id: string; readonly name: string }[]
  readonly dataFolder: string
  readonly worker?: Pick<WorkerClient, 'money' | 'processId' | 'reportBudgetChange'> | undefined
  readonly nowMs?: () => number
  /** The way to the webhooks. Default: no proxy. */
  readonly proxies?: Pick<ProxyChoice, 'choose'> | undefined
}

interface BudgetParts {
  readonly database: Database
  readonly resolveModel: ResolveName
  readonly log: Log
  readonly telemetry: Pick<Telemetry, 'countBudget'>
}

type OpenOptions = BudgetParts &
  Required<Pick<BudgetOptions, 'nowMs' | 'keys' | 'dataFolder'>> & {
    readonly config: BudgetsConfig
    readonly proxies: Pick<ProxyChoice, 'choose'>
  }

/** The budgets of a process, with what keeps them up to date. */
export interface OpenBudgets {
  readonly budgets: Budgets
  /** Identifies this process in the rows of its calls. */
  readonly processId: string
  /** Makes a change of the table effective now. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** Opens the budgets: in a process of its own with the book, in a worker with leases of the primary's. */
export async function openBudgets(
  {
    budgets: config = {},
    keys = [],
    dataFolder,
    worker,
    nowMs = Date.now,
    proxies = noProxies,
  }: BudgetOptions,
  parts: BudgetParts,
  onFailed: () => Promise<void>,
): Promise<OpenBudgets> {
  const options = { ...parts, config, keys, dataFolder, nowMs, proxies }
  if (worker !== undefined) return openLeased(options, worker)
  try {
    return await openOwn(options)
  } catch (error) {
    await onFailed()
    throw error
  }
}

function openLeased(options: OpenOptions, worker: NonNullable<BudgetOptions['worker']>): OpenBudgets {
  const budgets = new Budgets({ ...createListeners(options), money: worker.money })
  const setNames = () => budgets.setNames(worker.money.names)
  worker.money.onChange(setNames)
  setNames()
  return {
    budgets,
    processId: worker.processId,
    refresh: async () => worker.reportBudgetChange(),
    close: async () => {},
  }
}

async function openOwn(options: OpenOptions): Promise<OpenBudgets> {
  const { config, database, keys, dataFolder, nowMs, log, telemetry, proxies } = options
  const holder = createServerId(dataFolder)
  checkWebhooks(config)
  await requireScopes(database, config)
  const { webhooks = [] } = config
  const events = openThresholdEvents({ database, webhooks, nowMs, log, telemetry, proxies })
  const owner: BudgetOwner = await openBudgetOwner({
    database,
    configured: readConfiguredBudgets(config, options.resolveModel),
    builtInKeys: keys,
    holder,
    nowMs,
    log,
    onUsed: (booked, used, limit) => events.note(booked, used, limit),
  })
  const budgets = new Budgets({ ...createListeners(options), money: owner.book })
  const setNames = () => budgets.setNames(owner.names)
  owner.book.onChange(setNames)
  setNames()
  return {
    budgets,
    processId: holder,
    refresh: () => owner.refresh(),
    async close() {
      await owner.close()
      await events.close()
    },
  }
}

/** The id of a server: that of its data folder, and another one for each start. The ids of its processes begin with it. */
export function createServerId(dataFolder: string): string {
  return `${readReplicaId(dataFolder)}.${randomText(12)}`
}

/** A budget for a workspace that is neither configured nor stored, or for an unknown label, is a mistake in the configuration. */
export async function requireScopes(database: Database, config: BudgetsConfig): Promise<void> {
  const { workspace: stored } = await readOwnerNames(database)
  const configured = (config.workspaces ?? []).map(({ name }) => name)
  checkScopes(config, new Set(['default', ...configured, ...stored.keys(), ...stored.values()]))
}

function createListeners({ nowMs, log, telemetry }: OpenOptions) {
  return {
    nowMs,
    onWouldBlock: ({ id, scope }: { readonly id: string; readonly scope: string }) => {
      telemetry.countBudget('would_block')
      log({ level: 'info', event: 'budget_would_block', budget: id, scope })
    },
    onRefused: ({
      budget: { id, scope },
    }: {
      readonly budget: { readonly id: string; readonly scope: string }
    }) => {
      telemetry.countBudget('refused')
      log({ level: 'info', event: 'budget_refused', budget: id, scope })
    },
  }
}
