import type { Client, ClientConfig, Pool, PoolClient } from 'pg'

import { GatewayError } from '../../errors.ts'

/** Connections to one PostgreSQL, opened on demand. */
export interface Connections {
  /** Runs `work` on a connection of its own. Throws `store_unavailable` if none can be opened within `maxConnectMs`. */
  use<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result>
  /** A connection outside of the pool, for notifications. The caller ends it. */
  open(): Promise<Client>
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly url: string
  /** The most connections of this pool. Default: 8. */
  readonly maxConnections?: number | undefined
  /** The longest time of one statement, in milliseconds. Default: 30 s. */
  readonly statementMs?: number | undefined
  /** The time for which a failing connect is retried. Default: 5 s. */
  readonly maxConnectMs?: number | undefined
  /** The name that PostgreSQL shows. Default: `anthology`. */
  readonly applicationName?: string | undefined
}

/** True for the URLs that `store` accepts. */
export function isPostgresUrl(store: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(store)
}

/** The URL without its password, for messages and logs. */
export function describeUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `postgres://${host}${pathname}`
  } catch {
    return 'the PostgreSQL store'
  }
}

/**
 * Opens a pool. TLS follows the URL (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). The library is loaded here and not
 * at the start of the program, because a gateway on SQLite never needs it.
 */
export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  const { default: pg } = await import('pg')
  const { url, maxConnections = 8, statementMs = 30_000, maxConnectMs = 5_000 } = options
  const config: ClientConfig = {
    connectionString: url,
    application_name: options.applicationName ?? 'anthology',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementMs,
    // A network that carries nothing any more reports no error; PostgreSQL would have ended the statement by then.
    query_timeout: statementMs + 5_000,
    // A replica that hangs inside a transaction must not stop the others for longer.
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    types: { getTypeParser: (id) => typeParsers.get(id) ?? String },
  }
  const pool = new pg.Pool({ ...config, max: maxConnections, idleTimeoutMillis: 60_000 })
  // The pool replaces a lost connection, and a statement that used it fails by itself. Without listeners the errors
  // would end the thread.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    async use(work) {
      const client = await connect(pool, url, maxConnectMs)
      let failure: unknown = null
      try {
        return await work(client)
      } catch (error) {
        failure = error
        throw isConnectionError(error) ? createUnavailableError(url, error) : error
      } finally {
        client.release(failure !== null && isConnectionError(failure))
      }
    },
    async open() {
      const client = new pg.Client(config)
      client.on('error', () => {})
      await client.connect()
      return client
    },
    close: () => pool.end(),
  }
}

/** Retries with back-off, because a PostgreSQL that restarts refuses connections for seconds. */
async function connect(pool: Pool, url: string, maxConnectMs: number): Promise<PoolClient> {
  const deadlineMs = performance.now() + maxConnectMs
  for (let waitMs = minRetryMs; ; waitMs = Math.min(2 * waitMs, maxRetryMs)) {
    try {
      return await pool.connect()
    } catch (error) {
      if (!isConnectionError(error)) throw explainRefusal(url, error)
      if (performance.now() + waitMs > deadlineMs) throw createUnavailableError(url, error)
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

/** Connection errors of Node, of the driver, and PostgreSQL's classes 08 and 57P. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof GatewayError) return error.code === 'store_unavailable'
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (/^(?:08...|57P0[1-5]|53300)$/.test(code)) return true
  if (/^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN)/.test(code)) return true
  return /connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable|query read timeout/i.test(
    error.message,
  )
}

export function createUnavailableError(url: string, cause: unknown): GatewayError {
  const because = cause instanceof Error ? cause.message : String(cause)
  return new GatewayError('store_unavailable', `${describeUrl(url)} cannot be reached: ${because}`, { cause })
}

function explainRefusal(url: string, cause: unknown): GatewayError {
  const because = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  if (code === 'ENOTFOUND')
    return new GatewayError('store_refused', `${describeUrl(url)} cannot be reached: ${because}`, {
      cause,
      hint: 'Check the host of the store URL, and the DNS of this machine.',
    })
  if (code === 'ERR_INVALID_URL')
    return new GatewayError('store_refused', 'the store URL is not valid', {
      cause,
      hint: 'Write it as postgres://user:password@host:5432/anthology, with %40 for @ and %2F for / in the password.',
    })
  return new GatewayError('store_refused', `${describeUrl(url)} does not accept this server: ${because}`, {
    cause,
  })
}

/** PostgreSQL sends text. Most sums of a report are zero. */
function parseInteger(text: string): bigint {
  return text === '0' ? 0n : BigInt(text)
}

/** Sums of BIGINT are numeric, and integral. */
function parseNumeric(text: string): bigint | string {
  return /^-?\d+$/.test(text) ? BigInt(text) : text
}

/** For `Queries.queryArrays`. */
export const numberTypes = {
  getTypeParser: (id: number) => (integerTypes.has(id) ? parseNumber : (typeParsers.get(id) ?? String)),
}

function parseNumber(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

/** int8, int2 and int4. */
const integerTypes: ReadonlySet<number> = new Set([20, 21, 23])

/** bool, int8, int2, int4, oid and numeric by their object ids in pg_type; all other types are read as text. */
const typeParsers: ReadonlyMap<number, (text: string) => bigint | string> = new Map([
  [16, (text: string) => (text === 't' ? 1n : 0n)],
  ...[20, 21, 23, 26].map((id) => [id, parseInteger] as const),
  [1_700, parseNumeric],
])

const connectTimeoutMs = 10_000
const idleInTransactionMs = 15_000
const minRetryMs = 50
const maxRetryMs = 1_000
