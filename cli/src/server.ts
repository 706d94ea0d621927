import { availableParallelism } from 'node:os'

import {
  addExited,
  createCluster,
  createGateway,
  createNameResolver,
  createProxyChoice,
  defaultLimits,
  joinCluster,
  readAdminKey,
  readLocalKey,
  shareLimits,
} from '@anthology/gateway'
import { builtFolder } from '@anthology/console'
import type { BudgetsConfig, BuiltInKey, Config, GatewayOptions, ProxyChoice } from '@anthology/gateway'

import { readAwsCredentials } from './aws-credentials.ts'
import { createCallLog, withoutCalls } from './call-log.ts'
import type { Context } from './command.ts'
import { listEffectiveSettings } from './effective-settings.ts'
import { listenEmulators } from './emulator-sockets.ts'
import { recordAccounts } from './recording.ts'
import type { Recording } from './recording.ts'
import { findEmergencyFolder, readBodies, readCertificate } from './settings.ts'
import type { Settings } from './settings.ts'
import { chooseTelemetry } from './telemetry.ts'
import { createAccounts, listUpstreams } from './upstreams.ts'

/** The server's settings as plain data, which is sent to the workers so that all of them are identical. */
export interface ServePlan {
  readonly settings: Settings
  readonly live: boolean
  readonly quiet: boolean
  /** The token of the sign-in link that the greeting prints; undefined: none is printed. */
  readonly linkToken?: string | undefined
  /** Where upstreams' answers are recorded; null: nowhere. */
  readonly recording: Recording | null
}

/** The gateway, in one process or several. */
export interface Server {
  readonly url: string
  readonly workers: number
  readonly abandonedCalls: number
  close(): Promise<void>
}

interface WorkerConfig extends ServePlan {
  readonly emulatorSockets: readonly (string | null)[]
}

export function startServer(context: Context, plan: ServePlan): Promise<Server> {
  const workers = countWorkers(context, plan)
  return workers === 1 ? startSingle(context, plan) : startCluster(context, plan, workers)
}

function countWorkers(context: Context, plan: ServePlan): number {
  // Several processes would overwrite each other's cassettes.
  return plan.recording ? 1 : (plan.settings.workers ?? countDefaultWorkers(context, plan))
}

/** The emulator runs in one process, so more workers in front of it bring no speed. */
function countDefaultWorkers({ env }: Context, { settings: { config }, live }: ServePlan): number {
  return isEmulated({ config, live, env }) ? 1 : Math.min(4, availableParallelism())
}

function isEmulated(options: Parameters<typeof listUpstreams>[0]): boolean {
  return listUpstreams(options).every(({ platform }) => platform === 'emulator')
}

async function startSingle(context: Context, plan: ServePlan): Promise<Server> {
  const { settings, live } = plan
  const accounts = recordAccounts(
    createAccounts({ config: settings.config, live, env: context.env }),
    plan.recording,
    context,
  )
  const gateway = await createGateway({ ...gatewayOptions(context, plan), accounts })
  try {
    const { url } = await gateway.listen(settings.port, settings.host)
    return { url, workers: 1, abandonedCalls: gateway.abandonedCalls, close: () => gateway.close() }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

async function startCluster(context: Context, plan: ServePlan, workers: number): Promise<Server> {
  const { settings, live } = plan
  const { config, dataFolder, store, port, host } = settings
  const limits = { ...defaultLimits, ...config.limits }
  // The first start creates the key files, which the workers then read.
  readKeys(settings, context)
  readServerAdminKey(settings, context)
  const emulators = await listenEmulators(listUpstreams({ config, live, env: context.env }))
  const workerConfig: WorkerConfig = { ...plan, emulatorSockets: emulators.sockets }
  try {
    const cluster = await createCluster({
      workers,
      port,
      host,
      dataFolder,
      store,
      durability: config.durability ?? 'process',
      emergencyFolder: findEmergencyFolder(config, context),
      retention: config.retention,
      workerConfig,
      log: createCallLog(context),
      endMs: limits.drainMs + limits.ledgerWaitMs + 5_000,
      ledgerWaitMs: limits.ledgerWaitMs,
      budgets: pickBudgets(config),
      proxies: chooseProxies(config, context.env),
      builtInKeys: readKeys(settings, context).map(({ id, name }) => ({ id, name })),
      resolveModel: createNameResolver(config.routing, {}),
      addExited,
    })
    const close = async () => {
      await cluster.close()
      await emulators.close()
    }
    return { url: cluster.url, workers, abandonedCalls: cluster.abandonedCalls, close }
  } catch (error) {
    await emulators.close()
    throw error
  }
}

/** Runs one worker of a cluster; ends with its primary. */
export async function runWorker(context: Context): Promise<number> {
  const worker = await joinCluster()
  // Sent by the primary process, from the same version of this code.
  const workerConfig = worker.workerConfig as WorkerConfig
  const { settings, live, emulatorSockets } = workerConfig
  const { config } = settings
  const limits = shareLimits(config.limits ?? {}, worker.workers)
  try {
    const accounts = createAccounts({ config, live, env: context.env, limits, emulatorSockets })
    const gateway = await createGateway({ ...gatewayOptions(context, workerConfig), accounts, worker })
    try {
      worker.listening(await gateway.listen(worker.port, worker.host))
      await worker.draining
    } finally {
      await gateway.close()
    }
    return 0
  } catch (error) {
    worker.failed(error)
    return 1
  } finally {
    worker.leave()
  }
}

function gatewayOptions(context: Context, plan: ServePlan): Omit<GatewayOptions, 'accounts' | 'worker'> {
  const { settings, quiet, live, linkToken } = plan
  const { config, dataFolder, store, storeRead } = settings
  return {
    store,
    storeRead,
    keys: readKeys(settings, context),
    adminKey: readServerAdminKey(settings, context),
    console: {
      folder: builtFolder,
      linkToken,
      config,
      settings: listEffectiveSettings(context, { settings, live, workers: countWorkers(context, plan) }),
      oidc: config.console?.oidc,
      publicUrl: config.console?.url,
      isEmulated: isEmulated({ config, live, env: context.env }),
    },
    rootSecret: context.env['ANTHOLOGY_ROOT_SECRET'],
    dataFolder,
    validateRequests: config.validate_requests ?? true,
    tagBlocks: config.tag_blocks,
    hosts: config.hosts,
    corsOrigins: config.cors_origins,
    trustedProxies: config.trusted_proxies,
    workspaces: config.workspaces,
    durability: config.durability ?? 'process',
    emergencyFolder: findEmergencyFolder(config, context),
    retention: config.retention,
    bodies: readBodies(config, context),
    cutRevokedCalls: config.cut_revoked_calls ?? true,
    limits: config.limits ?? {},
    rates: config.rates,
    routing: config.routing,
    budgets: pickBudgets(config),
    telemetry: chooseTelemetry(config, context.env),
    proxies: chooseProxies(config, context.env),
    tls: readCertificate(settings),
    log: quiet ? withoutCalls(createCallLog(context)) : createCallLog(context),
  }
}

/** The forward proxies for requests that belong to no upstream; undefined if the configuration causes none. */
function chooseProxies(config: Config, env: Context['env']): ProxyChoice | undefined {
  const { otlp_endpoint: collector } = chooseTelemetry(config, env)
  const isUsed =
    collector !== undefined || config.console?.oidc !== undefined || config.webhooks !== undefined
  return isUsed ? createProxyChoice(undefined, env, '') : undefined
}

function pickBudgets({ budgets, labels, workspaces, fallback_price, webhooks }: Config): BudgetsConfig {
  return {
    ...(budgets !== undefined && { budgets }),
    ...(labels !== undefined && { labels }),
    ...(workspaces !== undefined && { workspaces }),
    ...(fallback_price !== undefined && { fallback_price }),
    ...(webhooks !== undefined && { webhooks }),
  }
}

/** The keys outside the store: the data folder's local key, and those from the environment. */
export function readKeys(settings: Settings, context: Context): readonly BuiltInKey[] {
  const local = { id: 'local', name: 'local key', secret: readLocalKey(settings.dataFolder) }
  const secret = context.env['ANTHOLOGY_KEY'] || undefined
  // Kept in memory, and part of the key in `ANTHOLOGY_KEY` if both are set.
  const aws = readAwsCredentials(context.env)
  if (secret === undefined && aws === undefined) return [local]
  const name = secret === undefined ? 'ANTHOLOGY_AWS_ACCESS_KEY_ID' : 'ANTHOLOGY_KEY'
  return [local, { id: 'env', name, secret, aws }]
}

/** The key of the admin API: the variable's, else that of the data folder. */
function readServerAdminKey({ dataFolder }: Pick<Settings, 'dataFolder'>, { env }: Context): string {
  return env['ANTHOLOGY_ADMIN_KEY'] || readAdminKey(dataFolder)
}
