import { parentPort, workerData } from 'node:worker_threads'
import { models } from '@anthology/catalog'

import type { Move } from '../move.ts'
import { judgeBatch } from './judge-batch.ts'
import type { BatchOptions } from './judge-batch.ts'

/** The options of a batch; a model is its id, because a copy of it would be another model. */
export interface WorkerOptions extends Omit<BatchOptions, 'move'> {
  readonly move: Omit<Move, 'target'> & { readonly target: string | null }
}

const given = workerData as WorkerOptions // `judge-pool.ts` starts the worker.
const target = models.find(({ id }) => id === given.move.target) ?? null
const options: BatchOptions = { ...given, move: { ...given.move, target } }

parentPort?.on('message', (names: readonly string[]) => {
  judgeBatch(names, options).then(
    (batch) => parentPort?.postMessage({ batch }),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  )
})
