import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import ignore from 'ignore'

import type { BaselineRow } from '../judge/suppress.ts'
import type { Move } from '../move.ts'
import { linkFiles } from '../program.ts'
import type { ProgramLinks } from '../program.ts'
import { listChangedSince } from './git.ts'
import { isLinked, judgeBatch, listBatchModules } from './judge-batch.ts'
import type { BatchModules, BatchOptions, JudgedBatch, JudgedFile, TreeCounts } from './judge-batch.ts'
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
  /** Called after each batch of files with the number of files of the tree. */
  readonly onProgress?: (counts: TreeCounts, total: number) => void
}

/**
 * Judges a folder or a file, and yields the files with findings in the order of their paths. A large tree is judged in
 * several threads. Memory holds the paths of the tree, and the texts of a few batches of files.
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
  const paths: string[] = []
  if (isFile) paths.push(...[basename(path)].filter(select))
  else for await (const name of walkFiles(root)) if (select(name)) paths.push(name)
  const batches = splitBatches(paths)
  const pool = batches.length > batchesBeforeThreads ? createJudgePool() : null
  const linked: JudgedFile[] = []
  try {
    const links = await findLinks(root, batches, paths, pool)
    const given: BatchOptions = { root, move, prefix, baseline, write, links }
    for await (const batch of judgeAll(batches, given, pool)) {
      counts.read += batch.counts.read
      counts.binary += batch.counts.binary
      counts.large += batch.counts.large
      options.onProgress?.(counts, paths.length)
      if (write) linked.push(...batch.files.filter((file) => isLinked(cutPrefix(file.path, prefix), links)))
      yield* batch.files
    }
  } finally {
    await pool?.close()
  }
  for (const { path: name, before, after } of linked)
    if (after !== before) await writeFile(join(root, cutPrefix(name, prefix)), after)
}

function cutPrefix(path: string, prefix: string): string {
  return prefix === '' ? path : path.slice(prefix.length + 1)
}

/** Threads take a moment to start, so a small tree is judged in this one. */
const batchesBeforeThreads = 24
const filesPerBatch = 64

function splitBatches(paths: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(paths.length / filesPerBatch) }, (_, index) =>
    paths.slice(index * filesPerBatch, (index + 1) * filesPerBatch),
  )
}

/** Finds the files that take the model of a request from another file of the tree. */
async function findLinks(
  root: string,
  batches: readonly (readonly string[])[],
  paths: readonly string[],
  pool: JudgePool | null,
): Promise<ProgramLinks> {
  const imported = new Map<string, readonly string[]>()
  const run = (names: readonly string[]): Promise<BatchModules> =>
    pool === null ? Promise.resolve(listBatchModules(root, names)) : pool.listModules(root, names)
  for await (const modules of runInOrder(batches, run, pool))
    for (const [path, specifiers] of modules) imported.set(path, specifiers)
  const known = imported.size === 0 ? new Set<string>() : new Set(paths)
  return linkFiles(imported, (path) => known.has(path))
}

function judgeAll(
  batches: readonly (readonly string[])[],
  options: BatchOptions,
  pool: JudgePool | null,
): AsyncGenerator<JudgedBatch, void> {
  pool?.configure(options)
  const run = (names: readonly string[]): Promise<JudgedBatch> =>
    pool === null ? Promise.resolve(judgeBatch(names, options)) : pool.judge(names)
  return runInOrder(batches, run, pool)
}

/** Runs a few batches at a time, and yields their results in order. */
async function* runInOrder<Result>(
  batches: readonly (readonly string[])[],
  run: (names: readonly string[]) => Promise<Result>,
  pool: JudgePool | null,
): AsyncGenerator<Result, void> {
  const ahead = pool === null ? 0 : pool.size * 2
  const pending: Promise<Result>[] = []
  for (const names of batches) {
    const result = run(names)
    // A rejection is reported where the result is awaited.
    void Promise.allSettled([result])
    pending.push(result)
    if (pending.length > ahead) yield await takeFirst(pending)
  }
  while (pending.length > 0) yield await takeFirst(pending)
}

function takeFirst<Result>(pending: Promise<Result>[]): Promise<Result> {
  const first = pending.shift()
  if (first === undefined) throw new Error('no batch is pending')
  return first
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
