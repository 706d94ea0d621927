import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import ignore from 'ignore'

import type { BaselineRow } from '../judge/suppress.ts'
import type { Move } from '../move.ts'
import { listChangedSince } from './git.ts'
import { judgeBatch } from './judge-batch.ts'
import type { BatchOptions, JudgedBatch, JudgedFile, TreeCounts } from './judge-batch.ts'
import { createJudgePool } from './judge-pool.ts'
import type { JudgePool } from './judge-pool.ts'
import { walkFiles } from './walk.ts'

export interface TreeOptions {
  readonly move: Move
  /** Patterns as in `.gitignore`; only files that match one are judged. */
  readonly only?: readonly string[]
  readonly exclude?: readonly string[]
  /** Only files that differ from this commit. */
  readonly since?: string | undefined
  readonly baseline?: readonly BaselineRow[]
  /** A folder to put before the paths of findings; the role of a file follows from its path without it. */
  readonly prefix?: string | undefined
  /** Write the changed texts. */
  readonly write?: boolean
  /** Called after each batch of files. */
  readonly onFile?: (counts: TreeCounts) => void
}

/**
 * Judges a folder or a file, and yields the files with findings in the order of their paths. A large tree is judged in
 * several threads; memory does not grow with the tree.
 */
export async function* migrateTree(
  path: string,
  options: TreeOptions,
  counts: TreeCounts,
): AsyncGenerator<JudgedFile, void> {
  const isFile = (await stat(path)).isFile()
  const root = isFile ? dirname(path) : path
  const select = await createFilter(root, options)
  const { move, prefix = '', baseline = [], write = false } = options
  const names = isFile ? listOne(basename(path)) : walkFiles(root)
  for await (const batch of judgeAll(listBatches(names, select), { root, move, prefix, baseline, write })) {
    counts.read += batch.counts.read
    counts.binary += batch.counts.binary
    counts.large += batch.counts.large
    options.onFile?.(counts)
    yield* batch.files
  }
}

/** Threads take a moment to start, so the first batches are judged in this one. */
const batchesBeforeThreads = 24
const filesPerBatch = 64

async function* judgeAll(
  batches: AsyncGenerator<readonly string[], void>,
  options: BatchOptions,
): AsyncGenerator<JudgedBatch, void> {
  let pool: JudgePool | null = null
  let pending: readonly Promise<JudgedBatch>[] = []
  let count = 0
  try {
    for await (const names of batches) {
      count += 1
      if (count > batchesBeforeThreads) pool ??= createJudgePool(options)
      if (pool === null) yield await judgeBatch(names, options)
      else {
        const judged = pool.judge(names)
        // A rejection is reported where the result is awaited.
        void Promise.allSettled([judged])
        pending = [...pending, judged]
      }
      const [first] = pending
      if (pool !== null && first !== undefined && pending.length > pool.size * 2) {
        yield await first
        pending = pending.slice(1)
      }
    }
    for (const judged of pending) yield await judged
  } finally {
    await pool?.close()
  }
}

async function* listOne(name: string): AsyncGenerator<string, void> {
  yield await Promise.resolve(name)
}

async function createFilter(
  root: string,
  { only = [], exclude = [], since }: TreeOptions,
): Promise<(path: string) => boolean> {
  const wanted = only.length === 0 ? null : ignore().add([...only])
  const unwanted = ignore().add([...exclude])
  const changed = since === undefined ? null : await listChangedSince(root, since)
  return (path) =>
    (wanted === null || wanted.ignores(path)) && !unwanted.ignores(path) && changed?.has(path) !== false
}

async function* listBatches(
  paths: AsyncGenerator<string, void>,
  select: (path: string) => boolean,
): AsyncGenerator<readonly string[], void> {
  let batch: string[] = []
  for await (const path of paths) {
    if (!select(path)) continue
    batch.push(path)
    if (batch.length < filesPerBatch) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
