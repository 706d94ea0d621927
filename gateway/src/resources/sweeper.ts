import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Resource } from './resource.ts'
import { logFields } from './result-meter.ts'
import { settleBatch } from './settle-batch.ts'

/** Settles the batches whose results nobody fetches. */
export interface Sweeper {
  /** Ends the request that is under way, and begins no other. */
  stop(): Promise<void>
}

/** Batches that one sweep looks at. */
const maxSweptBatches = 100

/** Looks at the unsettled batches now and then, one after another: there is no hurry, and the upstream has others to serve. */
export function startSweeper(context: Context): Sweeper {
  const { sweepMs } = context.limits
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let after: string | null = null

  // Several gateways that were started together do not ask together.
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
    // The next sweep goes on behind these; behind the last ones it begins again.
    after = batches.length < maxSweptBatches ? null : (batches.at(-1)?.id ?? null)
    for (const batch of batches) {
      // A ledger that fails would take none of the results, and each of them would wait for it in memory.
      if (signal.aborted || !context.ledger.healthy) return
      await settleOne(batch)
    }
  }

  async function settleOne(batch: Resource): Promise<void> {
    try {
      await settleBatch(context, batch, signal)
    } catch (error) {
      // It stays unsettled; the next sweep asks again.
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
