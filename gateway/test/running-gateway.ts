import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { onTestFinished } from 'vitest'

import { createGateway } from '../src/gateway.ts'
import type { GatewayOptions } from '../src/gateway.ts'
import { defaultLimits } from '../src/limits.ts'
import type { LogEntry } from '../src/log.ts'
import { readJournalLag } from '../src/store/sqlite/read-lag.ts'
import type { MetricSnapshot } from '../src/telemetry/metric.ts'
import { createHttpUpstream } from '../src/upstreams/http-upstream.ts'
import { ask } from './http-client.ts'
import type { Answer, Asking } from './http-client.ts'

export const localKey = 'sk-anthology-local-key-of-the-tests'
export const upstreamKey = 'sk-ant-upstream-key-of-the-tests'

export interface RunningGateway {
  readonly url: string
  readonly port: number
  readonly dataFolder: string
  readonly log: readonly LogEntry[]
  /** Posts, by default to `/v1/messages`, with a valid key and version; a header that is undefined is omitted. */
  post(body: string | Uint8Array, asking?: Asking & { path?: string }): Promise<Answer>
  /** The ledger as another process reads it, oldest call first. */
  rows(): readonly LedgerRow[]
  /** The metrics of this process, as workers report them. */
  metrics(): MetricSnapshot
  close(): Promise<void>
}

export type LedgerRow = Readonly<Record<string, string | number | null>>

export interface StartOptions extends Partial<GatewayOptions> {
  readonly upstreamUrl?: string
}

/** A gateway with its own port and data folder, closed at the end of the test. */
export async function startGateway(options: StartOptions = {}): Promise<RunningGateway> {
  const { upstreamUrl = 'http://127.0.0.1:1', ...given } = options
  const log: LogEntry[] = []
  const dataFolder = given.dataFolder ?? temporaryFolder()
  const limits = { ...quickLimits, ...given.limits }
  const gateway = await createGateway({
    accounts: [httpAccount(upstreamUrl, limits)],
    keys: [{ id: 'key_local', name: 'local', secret: localKey }],
    log: (entry) => log.push(entry),
    ...given,
    dataFolder,
    limits,
  })
  const { url, port } = await gateway.listen(0, '127.0.0.1')
  let closed: Promise<void> | null = null
  const close = () => (closed ??= gateway.close())
  onTestFinished(close)
  return {
    url,
    port,
    dataFolder,
    log,
    post: (body, { path = '/v1/messages', headers, ...asking } = {}) =>
      ask(url + path, { method: 'POST', body, ...asking, headers: { ...usual, ...headers } }),
    rows: () => readRows(dataFolder),
    metrics: () => gateway.metrics(),
    close,
  }
}

/** The headers of an ordinary call. */
export const usual: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'anthropic-version': '2023-06-01',
  'x-api-key': localKey,
}

export function httpAccount(
  baseUrl: string,
  limits: Partial<typeof defaultLimits> = {},
): GatewayOptions['accounts'][number] {
  const upstream = createHttpUpstream({
    baseUrl,
    credential: { header: 'x-api-key', value: upstreamKey },
    limits: { ...defaultLimits, ...limits },
  })
  return {
    name: 'recorder',
    platform: 'anthropic',
    upstream,
    secrets: [upstreamKey],
    baseUrl,
    connections: () => upstream.connections,
    connectionsFull: () => upstream.fullTimes,
    close: () => upstream.close(),
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** All rows, once the database has everything that is in the journals: ended calls, oldest first, and running ones. */
export function readRows(dataFolder: string): readonly LedgerRow[] {
  waitForLedger(dataFolder)
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true })
  try {
    const ended = database
      .prepare('SELECT all_calls.* FROM all_calls JOIN calls USING (id) ORDER BY calls.started_at_ms, seq')
      .all()
    const running = database.prepare('SELECT * FROM all_calls WHERE outcome IS NULL').all()
    // Every column is TEXT or INTEGER, and the tests use small integers.
    return [...ended, ...running] as LedgerRow[]
  } finally {
    database.close()
  }
}

/**
 * Blocks until the database has everything that is in the journals of a data folder: its writer is another thread or
 * process. Throws after a minute: a busy machine may take many times as long as an idle one.
 */
export function waitForLedger(dataFolder: string): void {
  const deadlineMs = performance.now() + 60_000
  for (;;) {
    const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true })
    const lag = readJournalLag(database, dataFolder)
    database.close()
    if (lag === 0) return
    if (performance.now() > deadlineMs) throw new Error(`the database lacks ${lag} bytes of the journals`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }
}

/** A call that a test leaves running must not delay its end. */
const quickLimits = { drainMs: 200 }
