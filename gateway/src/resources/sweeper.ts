import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Resource } from './resource.ts'
import { logFields } from './result-meter.ts'
import { settleBatch } from './settle-batch.ts'

/** Settles batches whose results no client fetches. */
export interface Sweeper {
  /** Aborts the running request and starts no other. */
  stop(): Promise<void>
}

/** Batches per sweep. */
const maxSweptBatches = 100

/** Checks the unsettled batches periodically, one after another, to keep the load on upstreams low. */
export function startSweeper(context: Context): Sweeper {
  const { sweepMs } = context.limits
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let after: string | null = null

  // Jitter, so that gateways that were started together do not sweep together.
  const plan = () => {
    const start = () => {
      running = sweep().finally(plan)
    }
    timer = setTimeout(start, sweepMs * (0.75 + Math.random() / 2))
    timer.unref()
    if (signal.aborted) clearTimeout(timer)
  }

  async function sweep(): Promise<void> {
    context.telemetry.countLimit('sweepMs')
    let batches: readonly Resource[]
    try {
      batches = await context.ledger.query({ kind: 'unsettled', after, limit: maxSweptBatches })
    } catch (error) {
      context.log({ level: 'warn', event: 'sweep_failed', message: String(error) })
      return
    }
    // The next sweep continues after these, and starts over after the last ones.
    after = batches.length < maxSweptBatches ? null : (batches.at(-1)?.id ?? null)
    for (const batch of batches) {
      // A failing ledger accepts no results, and they would all wait for it in memory.
      if (signal.aborted || !context.ledger.healthy) return
      await settleOne(batch)
    }
  }

  async function settleOne(batch: Resource): Promise<void> {
    try {
      await settleBatch(context, batch, signal)
    } catch (error) {
      // It stays unsettled; the next sweep tries again.
      if (signal.aborted) return
      if (error instanceof ApiError) context.telemetry.countLimit(error.limit)
      const message = error instanceof Error ? error.message : String(error)
      context.log({ ...logFields(batch), level: 'warn', event: 'batch_not_settled', message })
    }
  }

  plan()
  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
