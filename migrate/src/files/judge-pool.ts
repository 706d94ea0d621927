import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

import type { BatchModules, BatchOptions, JudgedBatch } from './judge-batch.ts'
import type { WorkerAnswer, WorkerOptions, WorkerTask } from './judge-worker.ts'

/** Threads that read and judge batches of files, each one batch at a time. */
export interface JudgePool {
  readonly listModules: (root: string, names: readonly string[]) => Promise<BatchModules>
  readonly judge: (names: readonly string[]) => Promise<JudgedBatch>
  /** Sets the options of all batches that are judged from now on. */
  readonly configure: (options: BatchOptions) => void
  readonly size: number
  readonly close: () => Promise<void>
}

const maxWorkers = 8

export function createJudgePool(): JudgePool {
  const size = Math.min(maxWorkers, availableParallelism())
  // The sources are TypeScript, and the installed package is JavaScript.
  const file = new URL(`./judge-worker${extname(import.meta.url)}`, import.meta.url)
  const workers = Array.from({ length: size }, () => new Worker(file))
  let next = 0
  const ends: Promise<unknown>[] = workers.map(() => Promise.resolve())
  const run = (task: WorkerTask): Promise<WorkerAnswer> => {
    const index = next % size
    next += 1
    const worker = workers[index]
    const before = ends[index] ?? Promise.resolve()
    const result = before.then(() => ask(worker, task))
    ends[index] = Promise.allSettled([result])
    return result
  }
  return {
    size,
    listModules: async (root, names) => (await run({ kind: 'modules', root, names })).modules ?? [],
    judge: async (names) => {
      const { batch } = await run({ kind: 'judge', names })
      if (batch === undefined) throw new Error('the worker sent no result')
      return batch
    },
    configure: (options) => {
      const move = { ...options.move, target: options.move.target?.id ?? null }
      const given: WorkerOptions = { ...options, move }
      for (const worker of workers)
        worker.postMessage({ kind: 'configure', options: given } satisfies WorkerTask)
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function ask(worker: Worker | undefined, task: WorkerTask): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    worker?.once('error', reject)
    worker?.once('message', (answer: WorkerAnswer) => {
      worker.off('error', reject)
      if (answer.error === undefined) resolve(answer)
      else reject(new Error(answer.error))
    })
    worker?.postMessage(task)
  })
}
