import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

import type { BatchOptions, JudgedBatch } from './judge-batch.ts'
import type { WorkerOptions } from './judge-worker.ts'

/** Threads that judge batches of files, each one batch at a time. */
export interface JudgePool {
  readonly judge: (names: readonly string[]) => Promise<JudgedBatch>
  readonly size: number
  readonly close: () => Promise<void>
}

const maxWorkers = 8

export function createJudgePool(options: BatchOptions): JudgePool {
  const size = Math.min(maxWorkers, availableParallelism())
  const workerData: WorkerOptions = {
    ...options,
    move: { ...options.move, target: options.move.target?.id ?? null },
  }
  // The sources are TypeScript, and the installed package is JavaScript.
  const file = new URL(`./judge-worker${extname(import.meta.url)}`, import.meta.url)
  const workers = Array.from({ length: size }, () => new Worker(file, { workerData }))
  let next = 0
  const ends: Promise<unknown>[] = workers.map(() => Promise.resolve())
  return {
    size,
    judge: (names) => {
      const index = next % size
      next += 1
      const worker = workers[index]
      const before = ends[index] ?? Promise.resolve()
      const result = before.then(() => ask(worker, names))
      ends[index] = Promise.allSettled([result])
      return result
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function ask(worker: Worker | undefined, names: readonly string[]): Promise<JudgedBatch> {
  return new Promise((resolve, reject) => {
    worker?.once('error', reject)
    worker?.once('message', (answer: { readonly batch?: JudgedBatch; readonly error?: string }) => {
      worker.off('error', reject)
      if (answer.batch === undefined) reject(new Error(answer.error ?? 'the worker sent no result'))
      else resolve(answer.batch)
    })
    worker?.postMessage(names)
  })
}
