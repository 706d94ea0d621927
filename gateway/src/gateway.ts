import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { readRootSecret } from './aws-pair.ts'
import { createBodyReader } from './body.ts'
import type { Context } from './context.ts'
import { dispatch } from './dispatch.ts'
import { GatewayError } from './errors.ts'
import type { ClientRequest, ClientResponse } from './exchange.ts'
import { startSweeper } from './items/sweeper.ts'
import { type BuiltInKey, createKeyRing } from './key-ring.ts'
import type { Durability } from './ledger/database.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { type Limits, defaultLimits } from './limits.ts'
import { type LogEntry, createLog } from './log.ts'
import type { UpstreamAccount } from './plan.ts'
import { type HttpServer, createHttpServer } from './server.ts'
import { reachedFamily } from './telemetry/limit-place.ts'
import type { MetricSnapshot } from './telemetry/metric-family.ts'
import { family, single } from './telemetry/metric-table.ts'
import { createTelemetry } from './telemetry/telemetry.ts'
import { type TelemetryConfig, createTracing } from './telemetry/tracing.ts'

export interface GatewayOptions {
  readonly accounts: readonly UpstreamAccount[]
  /** Where the ledger and the stored keys are. */
  readonly dataFolder: string
  /** Keys that are not in the store, such as the data folder's local key. */
  readonly keys?: readonly BuiltInKey[]
  /** What the secrets of AWS pairs are derived from; default: the data folder's own. */
  readonly rootSecret?: string | undefined
  readonly limits?: Partial<Limits>
  /** Refuse what the model's rules refuse before an upstream is asked. Default: true. */
  readonly preflight?: boolean
  readonly durability?: Durability
  readonly log?: (entry: LogEntry) => void
  readonly telemetry?: TelemetryConfig
  /** The metrics of all processes that share the port, given those of this one; by default there is no other. */
  readonly gatherMetrics?: (own: MetricSnapshot) => Promise<readonly MetricSnapshot[]>
  readonly nowMs?: () => number
}

export interface Gateway {
  /** Calls of an earlier process that never ended; they are `unknown` in the ledger now. */
  readonly abandonedCalls: number
  listen(port: number, host: string): Promise<{ readonly url: string; readonly port: number }>
  /** What this process counted, as plain data for the one that answers for all. */
  metrics(): MetricSnapshot
  /** Stops taking calls, lets those that run come to their end, and closes the ledger. */
  close(): Promise<void>
}

/** Opens the data folder and makes a gateway that can listen. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const limits = { ...defaultLimits, ...options.limits }
  const builtIn = options.keys ?? []
  const secrets = [
    ...builtIn.flatMap(({ secret, aws }) => [secret ?? '', aws?.secretAccessKey ?? '']),
    ...options.accounts.flatMap((account) => account.secrets),
    ...Object.values(options.telemetry?.otlp_headers ?? {}),
  ]
  const log = createLog(options.log ?? (() => {}), secrets)
  const tracing = await createTracing(options.telemetry ?? {}, log)
  const ring = createKeyRing(builtIn, () => readRootSecret(options.dataFolder, options.rootSecret))
  const ledger = await openLedger({
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
    waitMs: limits.ledgerWaitMs,
    onKeys: (keys) => ring.replace(keys),
    onFailure: (message) => log({ level: 'error', event: 'ledger_failed', message }),
  })
  ring.replace(ledger.keys)

  const telemetry = createTelemetry(limits)
  let draining = false
  const context: Context = {
    accounts: options.accounts,
    ring,
    ledger,
    bodies: createBodyReader(limits),
    limits,
    preflight: options.preflight ?? true,
    log,
    telemetry,
    tracing,
    nowMs: options.nowMs ?? Date.now,
    draining: () => draining,
    gatherMetrics: options.gatherMetrics ?? ((own) => Promise.resolve([own])),
  }
  const sweeper = startSweeper(context)
  const running = new Set<ClientResponse>()
  const take = (request: ClientRequest, response: ClientResponse) => {
    running.add(response)
    response.once('close', () => running.delete(response))
    void dispatch(context, request, response)
  }
  const http = createHttpServer(limits, take, telemetry)
  telemetry.watch(() => gauges(context, http))

  return {
    abandonedCalls: ledger.abandoned,
    metrics: () => telemetry.snapshot(),
    listen: (port, host) => listen(http.server, port, host),
    async close() {
      draining = true
      await sweeper.stop()
      await drain(http, running, context)
      await Promise.all(options.accounts.map(async (account) => account.close?.()))
      await closeLedger(ledger)
      await tracing?.close()
      telemetry.close()
    },
  }
}

/** What is read at the scrape from those who know it. */
function gauges({ accounts, bodies, ledger, tracing }: Context, http: HttpServer): MetricSnapshot {
  const full = accounts.reduce((sum, account) => sum + (account.connectionsFull?.() ?? 0), 0)
  return [
    single('anthology_held_body_bytes', bodies.heldBytes),
    family('anthology_connections', [{ labels: { kind: 'http1' }, value: http.connections() }]),
    single('anthology_ledger_rows_waiting', ledger.waiting),
    single('anthology_ledger_healthy', ledger.healthy ? 1 : 0),
    reachedFamily({ upstreamConnections: full }),
    ...(tracing?.families() ?? []),
  ]
}

function listen(server: Server, port: number, host: string): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) => {
      const busy = error.code === 'EADDRINUSE'
      reject(
        busy
          ? new GatewayError('address_in_use', `port ${port} on ${host} is in use`, { cause: error })
          : error,
      )
    })
    server.listen(port, host, () => {
      // A server that listens on a port, and not on a pipe, has an address of this type.
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({ url: `http://${name}:${address.port}`, port: address.port })
    })
  })
}

/** Waits for the calls that run, within the limit; a keep-alive connection ends as soon as it is idle. */
async function drain(
  { server, closeUnused }: HttpServer,
  running: ReadonlySet<ClientResponse>,
  { limits, telemetry }: Context,
): Promise<void> {
  if (!server.listening) return
  for (const response of running) if (!response.headersSent) response.setHeader('connection', 'close')
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const sweep = setInterval(closeUnused, 50)
  const cutOff = setTimeout(() => {
    telemetry.reached('drainMs')
    server.closeAllConnections()
  }, limits.drainMs)
  closeUnused()
  await closed
  clearInterval(sweep)
  clearTimeout(cutOff)
}

/** After a cut-off, the last legs still have their rows to write. */
async function closeLedger(ledger: Ledger): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await ledger.close()
}
