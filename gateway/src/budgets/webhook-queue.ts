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
/** Time for which a server keeps an event that it sends from other servers on the store: more than a receiver may take. */
const claimMs = 20_000

export function openWebhookQueue(options: QueueOptions): WebhookQueue {
  return new StoredQueue(options)
}

class StoredQueue implements WebhookQueue {
  readonly #options: QueueOptions
  readonly #timer: NodeJS.Timeout | undefined
  readonly #stopping = new AbortController()
  /** By receiver, so that one that does not answer delays only its own events. */
  readonly #running = new Map<string, Promise<void>>()

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
    await Promise.all(this.#running.values())
  }

  #run(): void {
    const { webhooks, log } = this.#options
    if (webhooks.length === 0 || this.#stopping.signal.aborted) return
    const start = (name: string, work: () => Promise<void>) => {
      if (this.#running.has(name)) return
      const report = (error: unknown) =>
        log({ level: 'error', event: 'webhooks_failed', message: String(error) })
      this.#running.set(
        name,
        work()
          .catch(report)
          .finally(() => this.#running.delete(name)),
      )
    }
    for (const webhook of webhooks) start(webhook.url, () => this.#sendDue(webhook))
    start('', () => this.#giveUpOthers())
  }

  async #sendDue(webhook: WebhookConfig): Promise<void> {
    const { database, nowMs } = this.#options
    const due = await database.query(
      `SELECT event_id, attempts, next_at_ms, body FROM webhook_deliveries JOIN webhook_events ON id = event_id
       WHERE url = ? AND ${waiting} AND next_at_ms <= ? ORDER BY next_at_ms LIMIT ${maxDue}`,
      [webhook.url, nowMs()],
    )
    for (const row of due) {
      if (this.#stopping.signal.aborted) return
      const id = readText(row, 'event_id')
      const claimed = await database.query(
        `UPDATE webhook_deliveries SET next_at_ms = ? WHERE event_id = ? AND url = ? AND next_at_ms = ? AND ${waiting}
         RETURNING event_id`,
        [nowMs() + claimMs, id, webhook.url, readNumber(row, 'next_at_ms')],
      )
      if (claimed.length === 0) continue
      await this.#send({ id, body: readText(row, 'body') }, webhook, readNumber(row, 'attempts') + 1)
    }
  }

  /** Gives up the events of webhooks that are no longer configured. */
  async #giveUpOthers(): Promise<void> {
    const { database, webhooks, nowMs } = this.#options
    const due = await database.query(
      `SELECT event_id, url, attempts FROM webhook_deliveries
       WHERE url NOT IN (${webhooks.map(() => '?').join(', ')}) AND ${waiting} AND next_at_ms <= ? LIMIT ${maxDue}`,
      [...webhooks.map(({ url }) => url), nowMs()],
    )
    for (const row of due) {
      const attempt = readNumber(row, 'attempts') + 1
      const [id, url] = [readText(row, 'event_id'), readText(row, 'url')]
      await this.#noteProblem(id, {
        url,
        attempt,
        problem: 'the webhook is no longer configured',
        isOver: true,
      })
    }
  }

  async #send(
    event: { readonly id: string; readonly body: string },
    webhook: WebhookConfig,
    attempt: number,
  ): Promise<void> {
    const { database, nowMs, proxies } = this.#options
    const { url } = webhook
    const { signal } = this.#stopping
    const problem = await deliverWebhook(webhook, event, { nowMs: nowMs(), signal, proxies })
    if (problem === null)
      await database.query(
        'UPDATE webhook_deliveries SET attempts = ?, delivered_at_ms = ? WHERE event_id = ? AND url = ?',
        [attempt, nowMs(), event.id, url],
      )
    else if (signal.aborted)
      // The next start, or another server, sends it at once.
      await database.query('UPDATE webhook_deliveries SET next_at_ms = ? WHERE event_id = ? AND url = ?', [
        nowMs(),
        event.id,
        url,
      ])
    else await this.#noteProblem(event.id, { url, attempt, problem, isOver: attempt >= maxAttempts })
  }

  async #noteProblem(id: string, { url, attempt, problem, isOver }: FailedDelivery): Promise<void> {
    const { database, nowMs, log } = this.#options
    const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** (attempt - 1))
    await database.query(
      `UPDATE webhook_deliveries SET attempts = ?, next_at_ms = ?, failed_at_ms = ?, last_error = ?
       WHERE event_id = ? AND url = ?`,
      [attempt, nowMs() + waitMs, isOver ? nowMs() : null, problem, id, url],
    )
    const level = isOver ? 'error' : 'warn'
    log({
      level,
      event: 'webhook_not_delivered',
      url: new URL(url).origin,
      id,
      attempt,
      message: problem,
    })
  }
}

interface FailedDelivery {
  readonly url: string
  readonly attempt: number
  readonly problem: string
  readonly isOver: boolean
}

const waiting = 'delivered_at_ms IS NULL AND failed_at_ms IS NULL'
