import { parentPort } from 'node:worker_threads'
import { models } from '@anthology/catalog'

import type { Move } from '../move.ts'
import { judgeBatch, listBatchModules } from './judge-batch.ts'
import type { BatchModules, BatchOptions, JudgedBatch } from './judge-batch.ts'

/** The options of a batch; a model is its id, because a copy of it would be another model. */
export interface WorkerOptions extends Omit<BatchOptions, 'move'> {
  readonly move: Omit<Move, 'target'> & { readonly target: string | null }
}

export type WorkerTask =
  /** Has no answer. */
  | { readonly kind: 'configure'; readonly options: WorkerOptions }
  | { readonly kind: 'modules'; readonly root: string; readonly names: readonly string[] }
  | { readonly kind: 'judge'; readonly names: readonly string[] }

export interface WorkerAnswer {
  readonly modules?: BatchModules
  readonly batch?: JudgedBatch
  readonly error?: string
}

let options: BatchOptions | null = null

parentPort?.on('message', (task: WorkerTask) => {
  if (task.kind === 'configure') options = readOptions(task.options)
  else parentPort?.postMessage(answer(task))
})

function answer(task: Exclude<WorkerTask, { kind: 'configure' }>): WorkerAnswer {
  try {
    if (task.kind === 'modules') return { modules: listBatchModules(task.root, task.names) }
    return options === null ? { error: 'there are no options' } : { batch: judgeBatch(task.names, options) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function readOptions({ move, ...given }: WorkerOptions): BatchOptions {
  return { ...given, move: { ...move, target: models.find(({ id }) => id === move.target) ?? null } }
}
