import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Database } from '../store/database.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'
import type { BookedWindow } from './booked-window.ts'
import { printUsd } from './budget.ts'
import type { WebhookConfig } from './budget-config.ts'
import { hashText } from './hash-text.ts'
import { openWebhookQueue } from './webhook-queue.ts'
import { describeWindow, printTime } from './refusal.ts'

interface ThresholdOptions {
  readonly database: Database
  readonly webhooks: readonly WebhookConfig[]
  readonly nowMs: () => number
  readonly log: Log
  readonly telemetry: Pick<Telemetry, 'countBudget'>
  readonly proxies: Pick<ProxyChoice, 'choose'>
}

/** Sends an event the first time that a budget reaches a threshold in a window: to the log, the metrics and the webhooks. */
export interface ThresholdEvents {
  note(booked: BookedWindow, usedNanoUsd: number, limitNanoUsd: number): void
  close(): Promise<void>
}

export function openThresholdEvents(options: ThresholdOptions): ThresholdEvents {
  const { database, webhooks, nowMs, log, telemetry, proxies } = options
  const queue = openWebhookQueue({ database, webhooks, nowMs, log, proxies })
  const reached = new Set<string>()
  let last: Promise<void> = Promise.resolve()

  async function send(name: string, event: ThresholdEvent): Promise<void> {
    // The id follows from budget, window and threshold, so a restart sends nothing twice.
    const id = `event_${hashText(name).slice(0, 24)}`
    const isNew = await queue.add({
      id,
      occurredAtMs: nowMs(),
      type: 'budget.threshold_reached',
      data: event,
    })
    if (!isNew) return
    telemetry.countBudget('threshold')
    log({ level: 'warn', event: 'budget_threshold', ...event })
  }

  return {
    note({ budget, named }, usedNanoUsd, limitNanoUsd) {
      const endMs = named.window?.endMs ?? null
      for (const threshold of budget.thresholds) {
        if (limitNanoUsd === 0 || usedNanoUsd * 100 < threshold * limitNanoUsd) continue
        // A rolling window has no beginning: its thresholds are reached once a day at most.
        const windowName = named.window === null ? `${named.name} ${Math.floor(nowMs() / dayMs)}` : named.name
        const name = `${windowName} ${threshold}`
        if (reached.has(name)) continue
        if (reached.size > maxRemembered) reached.clear()
        reached.add(name)
        const event = {
          budget_id: budget.id,
          scope: budget.scope,
          threshold,
          limit_usd: printUsd(limitNanoUsd),
          spent_usd: printUsd(usedNanoUsd),
          window: describeWindow(budget),
          action: budget.action,
          resets_at: endMs === null ? null : printTime(endMs),
        }
        last = last
          .then(() => send(name, event))
          .catch((error: unknown) => {
            reached.delete(name)
            log({ level: 'error', event: 'budget_event_failed', message: String(error) })
          })
      }
    },
    async close() {
      await last
      await queue.close()
    },
  }
}

interface ThresholdEvent extends Readonly<Record<string, string | number | null>> {
  readonly budget_id: string
  readonly scope: string
  readonly threshold: number
}

const dayMs = 86_400_000
const maxRemembered = 100_000
