import { Agent, request } from 'node:http'

import { openStore } from '@anthology/gateway'
import type { StoreLocation } from '@anthology/gateway'

/** The calls of a load, by their request ids. */
export interface LoadedCalls {
  /** Streams whose headers have arrived. */
  readonly begun: Set<string>
  /** Calls whose last byte has arrived. */
  readonly answered: Set<string>
}

export function createLoadedCalls(): LoadedCalls {
  return { begun: new Set(), answered: new Set() }
}

interface LoadOptions extends LoadedCalls {
  readonly url: string
  readonly key: string
  /** Calls at once. */
  readonly clients: number
  readonly isOver: () => boolean
  /** Gets each status other than 200. Without it, such a status throws. */
  readonly onRefused?: (status: number) => void
}

/** The words of every eighth client's responses, so that some streams run for long. */
const longWords = 4_000

/**
 * Keeps calls running, every second one a stream, until `isOver`. A call without a complete answer is followed by
 * another, because the server may start again.
 */
export async function runLoad({
  url,
  key,
  clients,
  isOver,
  onRefused = throwStatus,
  begun,
  answered,
}: LoadOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const runClient = async (index: number): Promise<void> => {
    const stream = index % 2 === 0
    const words = index % 8 === 0 ? longWords : undefined
    while (!isOver()) {
      const onHead = (id: string) => stream && begun.add(id)
      const answer = await sendCall({ url, key, stream, words, agent, onHead }).catch(() => null)
      if (answer === null) await new Promise((resolve) => setTimeout(resolve, 10))
      else if (answer.status === 200) answered.add(answer.id)
      else onRefused(answer.status)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => runClient(index)))
  agent.destroy()
}

function throwStatus(status: number): never {
  throw new Error(`status ${status}`)
}

interface CallOptions {
  readonly url: string
  readonly key: string
  readonly stream?: boolean
  /** Length of the response. */
  readonly words?: number | undefined
  readonly agent?: Agent
  readonly onHead?: (id: string) => void
}

/** Resolves when the last byte of the response has arrived, and rejects if it never does. */
export function sendCall({
  url,
  key,
  stream = false,
  words,
  agent,
  onHead,
}: CallOptions): Promise<{ id: string; status: number }> {
  const content = words === undefined ? 'How do tides work?' : `Tides, in ${words} words.`
  const body = JSON.stringify({
    model: 'claude-3-5-haiku-latest',
    max_tokens: words === undefined ? 64 : 8_000,
    stream,
    messages: [{ role: 'user', content }],
  })
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/messages`, { method: 'POST', headers, agent }, (response) => {
      const id = String(response.headers['request-id'])
      const status = response.statusCode ?? 0
      if (status === 200) onHead?.(id)
      response.resume()
      response.on('end', () => (response.complete ? resolve({ id, status }) : reject(new Error('cut off'))))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What a ledger has of the calls of a load. */
export interface LedgerCheck {
  readonly answered: number
  /** Answered calls without an answered row; there must be none. */
  readonly missing: readonly string[]
  /** Streams that began and have no row; there must be none. */
  readonly withoutRow: readonly string[]
  /** Rows by outcome. */
  readonly rows: Readonly<Record<string, number>>
  /** Answered rows without a cost. */
  readonly unpriced: number
  /** True if the sums by hour and outcome are those of the rows: calls, and cost in nano-dollars. */
  readonly sumsAreRight: boolean
}

/** Compares a ledger that no server writes with the calls that were made. */
export async function checkLedger(
  location: StoreLocation,
  { answered, begun }: LoadedCalls,
): Promise<LedgerCheck> {
  const database = await openStore(location)
  try {
    const rows = await database.query('SELECT id, outcome, cost_nano_usd FROM calls')
    const outcomes = new Map(rows.map((row) => [String(row['id']), String(row['outcome'])]))
    const counts: Record<string, number> = {}
    for (const outcome of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1
    return {
      answered: answered.size,
      missing: [...answered].filter((id) => outcomes.get(id) !== 'answered'),
      withoutRow: [...begun].filter((id) => !outcomes.has(id)),
      rows: counts,
      unpriced: rows.filter((row) => row['outcome'] === 'answered' && row['cost_nano_usd'] === null).length,
      sumsAreRight: toText(await database.query(sumsOfRows)) === toText(await database.query(sumsOfRollups)),
    }
  } finally {
    await database.close()
  }
}

const sumsOfRows = `SELECT started_at_ms - started_at_ms % 3600000 AS hour, outcome, count(*) AS calls,
    CAST(sum(coalesce(cost_nano_usd, 0)) AS BIGINT) AS cost
  FROM calls GROUP BY 1, 2 ORDER BY 1, 2`

const sumsOfRollups = `SELECT start_ms AS hour, outcome, CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(cost_nano_usd) AS BIGINT) AS cost
  FROM rollups JOIN rollup_groups ON id = group_id WHERE span = 'hour' GROUP BY 1, 2 ORDER BY 1, 2`

function toText(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => Object.values(row).map(String)))
}
