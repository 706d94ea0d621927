import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import ignore from 'ignore'

import type { JudgedFinding } from '../finding.ts'
import { dropKnown } from '../judge/suppress.ts'
import type { BaselineRow } from '../judge/suppress.ts'
import { migrateText } from '../migrate-text.ts'
import type { Move } from '../move.ts'
import { listChangedSince } from './git.ts'
import { readText } from './read-text.ts'
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
  /** Called after every file. */
  readonly onFile?: (counts: TreeCounts) => void
}

export interface TreeCounts {
  read: number
  binary: number
  large: number
}

/** A file with findings. */
export interface JudgedFile {
  readonly path: string
  readonly before: string
  readonly after: string
  readonly findings: readonly JudgedFinding[]
}

/** Judges a folder or a file, one file after another, so that memory does not grow with the tree. */
export async function* migrateTree(
  path: string,
  options: TreeOptions,
  counts: TreeCounts,
): AsyncGenerator<JudgedFile, void> {
  const isFile = (await stat(path)).isFile()
  const root = isFile ? dirname(path) : path
  const select = await createFilter(root, options)
  for await (const batch of readAhead(isFile ? listOne(basename(path)) : walkFiles(root), root, select)) {
    for (const { path: name, read } of batch) {
      counts.read += 1
      if (read.kind !== 'text') counts[read.kind] += 1
      else if (read.text !== null) {
        const judged = await judge({ root, name, text: read.text, isExact: read.isExact }, options)
        if (judged !== null) yield judged
      }
      options.onFile?.(counts)
    }
  }
}

async function* listOne(name: string): AsyncGenerator<string, void> {
  yield await Promise.resolve(name)
}

interface ReadFile {
  readonly root: string
  readonly name: string
  readonly text: string
  readonly isExact: boolean
}

async function judge(
  { root, name, text, isExact }: ReadFile,
  options: TreeOptions,
): Promise<JudgedFile | null> {
  const migrated = migrateText(name, text, options.move)
  const path = options.prefix === undefined || options.prefix === '' ? name : `${options.prefix}/${name}`
  const placed = migrated.findings.map((finding) => ({ ...finding, path }))
  const findings = dropKnown(placed, options.baseline ?? [])
  if (findings.length === 0) return null
  const after = isExact ? migrated.text : text
  if (options.write === true && after !== text) await writeFile(join(root, name), after)
  return { path, before: text, after, findings }
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

const filesAhead = 64

/** Reads some files at once, because the disk answers several requests faster than one after another. */
async function* readAhead(
  paths: AsyncGenerator<string, void>,
  root: string,
  select: (path: string) => boolean,
) {
  let batch: string[] = []
  const readBatch = () =>
    Promise.all(batch.map(async (path) => ({ path, read: await readText(join(root, path)) })))
  for await (const path of paths) {
    if (!select(path)) continue
    batch.push(path)
    if (batch.length < filesAhead) continue
    yield await readBatch()
    batch = []
  }
  yield await readBatch()
}
