import type { Log } from '../log.ts'
import { readNumber, readText } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import type { WebhookConfig } from './budget-config.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'

/** An event for webhooks. */
export interface WebhookEvent {
  /** The same event has the same id, so that it is sent once. */
  readonly id: string
  readonly occurredAtMs: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

interface QueueOptions {
  readonly database: Database
  readonly webhooks: readonly WebhookConfig[]
  readonly nowMs: () => number
  readonly log: Log
  readonly proxies: Pick<ProxyChoice, 'choose'>
}

/** Events on their way to webhooks: stored first, then sent until the receiver accepts them. */
export interface WebhookQueue {
  /** Stores an event for every webhook; false if it was stored before. */
  add(event: WebhookEvent): Promise<boolean>
  close(): Promise<void>
}

/** Interval of the look for events that are due. */
const pollMs = 500
/** The first retry comes after a second, each later one after twice the time of the one before, at most an hour. */
const firstRetryMs = 1_000
const maxRetryMs = 3_600_000
/** Retries for about a day; then the event is given up. */
const maxAttempts = 36
const maxDue = 20

export function openWebhookQueue(options: QueueOptions): WebhookQueue {
  return new StoredQueue(options)
}

class StoredQueue implements WebhookQueue {
  readonly #options: QueueOptions
  readonly #timer: NodeJS.Timeout | undefined
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null

  constructor(options: QueueOptions) {
    this.#options = options
    if (options.webhooks.length === 0) return
    this.#timer = setInterval(() => this.#run(), pollMs)
    this.#timer.unref()
  }

  async add({ id, occurredAtMs, type, data }: WebhookEvent): Promise<boolean> {
    const { database, webhooks } = this.#options
    const body = JSON.stringify({ id, type, occurred_at: new Date(occurredAtMs).toISOString(), data })
    const isNew = await database.transaction(async (queries) => {
      const added = await queries.query(
        'INSERT INTO webhook_events (id, occurred_at_ms, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id',
        [id, occurredAtMs, body],
      )
      if (added.length === 0) return false
      for (const { url } of webhooks)
        await queries.query(
          `INSERT INTO webhook_deliveries (event_id, url, attempts, next_at_ms) VALUES (?, ?, 0, ?)
           ON CONFLICT (event_id, url) DO NOTHING`,
          [id, url, occurredAtMs],
        )
      return true
    })
    if (isNew) this.#run()
    return isNew
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#running
  }

  #run(): void {
    if (this.#options.webhooks.length === 0 || this.#stopping.signal.aborted) return
    this.#running ??= this.#sendDue()
      .catch((error: unknown) =>
        this.#options.log({ level: 'error', event: 'webhooks_failed', message: String(error) }),
      )
      .finally(() => {
        this.#running = null
      })
  }

  async #sendDue(): Promise<void> {
    const { database, nowMs } = this.#options
    const due = await database.query(
      `SELECT event_id, url, attempts, body FROM webhook_deliveries JOIN webhook_events ON id = event_id
       WHERE delivered_at_ms IS NULL AND failed_at_ms IS NULL AND next_at_ms <= ?
       ORDER BY next_at_ms LIMIT ${maxDue}`,
      [nowMs()],
    )
    for (const row of due) {
      if (this.#stopping.signal.aborted) return
      const event = { id: readText(row, 'event_id'), body: readText(row, 'body') }
      await this.#send(event, readText(row, 'url'), readNumber(row, 'attempts') + 1)
    }
  }

  async #send(
    event: { readonly id: string; readonly body: string },
    url: string,
    attempt: number,
  ): Promise<void> {
    const { database, webhooks, nowMs, log, proxies } = this.#options
    const webhook = webhooks.find((known) => known.url === url)
    const problem =
      webhook === undefined
        ? 'the webhook is no longer configured'
        : await deliverWebhook(webhook, event, { nowMs: nowMs(), signal: this.#stopping.signal, proxies })
    if (this.#stopping.signal.aborted && problem !== null) return
    if (problem === null) {
      await database.query(
        'UPDATE webhook_deliveries SET attempts = ?, delivered_at_ms = ? WHERE event_id = ? AND url = ?',
        [attempt, nowMs(), event.id, url],
      )
      return
    }
    const isOver = webhook === undefined || attempt >= maxAttempts
    const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** (attempt - 1))
    await database.query(
      `UPDATE webhook_deliveries SET attempts = ?, next_at_ms = ?, failed_at_ms = ?, last_error = ?
       WHERE event_id = ? AND url = ?`,
      [attempt, nowMs() + waitMs, isOver ? nowMs() : null, problem, event.id, url],
    )
    const level = isOver ? 'error' : 'warn'
    log({
      level,
      event: 'webhook_not_delivered',
      url: new URL(url).origin,
      id: event.id,
      attempt,
      message: problem,
    })
  }
}
