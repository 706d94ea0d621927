import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { readRootSecret } from './aws-pair.ts'
import { createBodyReader } from './body.ts'
import type { Context } from './context.ts'
import { dispatch } from './dispatch.ts'
import { GatewayError } from './errors.ts'
import { startSweeper } from './items/sweeper.ts'
import { type BuiltInKey, createKeyRing } from './key-ring.ts'
import type { Durability } from './ledger/database.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { type Limits, defaultLimits } from './limits.ts'
import { type LogEntry, createLog } from './log.ts'
import type { UpstreamAccount } from './plan.ts'
import type { PortCounts } from './port/connections.ts'
import { type Port, createPort } from './port/port.ts'
import type { Certificate } from './port/tls-layer.ts'
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
  /** With a certificate the port speaks TLS, and nothing else. */
  readonly tls?: Certificate | undefined
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
  /** Open connections, and what the limits of the port have refused. */
  counts(): PortCounts
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
  const { tls } = options
  const port = createPort(limits, (request, response) => void dispatch(context, request, response), {
    tls,
    telemetry,
  })
  telemetry.watch(() => gauges(context, port))

  return {
    abandonedCalls: ledger.abandoned,
    counts: () => port.counts(),
    metrics: () => telemetry.snapshot(),
    listen: (number, host) => listen(port.server, tls === undefined ? 'http' : 'https', { number, host }),
    async close() {
      draining = true
      await sweeper.stop()
      await port.close(limits.drainMs)
      await Promise.all(options.accounts.map(async (account) => account.close?.()))
      await closeLedger(ledger)
      await tracing?.close()
      telemetry.close()
    },
  }
}

/** What is read at the scrape from those who know it. */
function gauges({ accounts, bodies, ledger, tracing }: Context, port: Port): MetricSnapshot {
  const full = accounts.reduce((sum, account) => sum + (account.connectionsFull?.() ?? 0), 0)
  return [
    single('anthology_held_body_bytes', bodies.heldBytes),
    family(
      'anthology_connections',
      Object.entries(port.counts().connections).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    single('anthology_ledger_rows_waiting', ledger.waiting),
    single('anthology_ledger_healthy', ledger.healthy ? 1 : 0),
    reachedFamily({ upstreamConnections: full }),
    ...(tracing?.families() ?? []),
  ]
}

function listen(
  server: Server,
  scheme: 'http' | 'https',
  { number, host }: { readonly number: number; readonly host: string },
): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) => {
      const busy = error.code === 'EADDRINUSE'
      reject(
        busy
          ? new GatewayError('address_in_use', `port ${number} on ${host} is in use`, { cause: error })
          : error,
      )
    })
    server.listen(number, host, () => {
      // A server that listens on a port, and not on a pipe, has an address of this type.
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({ url: `${scheme}://${name}:${address.port}`, port: address.port })
    })
  })
}

/** After a cut-off, the last legs still have their rows to write. */
async function closeLedger(ledger: Ledger): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await ledger.close()
}
