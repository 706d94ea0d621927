import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { JudgedFinding } from '../finding.ts'
import { dropKnown } from '../judge/suppress.ts'
import type { BaselineRow } from '../judge/suppress.ts'
import { migrateText } from '../migrate-text.ts'
import type { Move } from '../move.ts'
import { readText } from './read-text.ts'

/** A file with findings. */
export interface JudgedFile {
  readonly path: string
  readonly before: string
  readonly after: string
  readonly findings: readonly JudgedFinding[]
}

export interface TreeCounts {
  read: number
  binary: number
  large: number
}

export interface BatchOptions {
  readonly root: string
  readonly move: Move
  readonly prefix: string
  readonly baseline: readonly BaselineRow[]
  readonly write: boolean
}

export interface JudgedBatch {
  readonly files: readonly JudgedFile[]
  readonly counts: TreeCounts
}

/** Reads, judges and writes some files of a tree; the disk answers several requests faster than one after another. */
export async function judgeBatch(names: readonly string[], options: BatchOptions): Promise<JudgedBatch> {
  const counts: TreeCounts = { read: 0, binary: 0, large: 0 }
  const files: JudgedFile[] = []
  const texts = await Promise.all(
    names.map(async (name) => ({ name, read: await readText(join(options.root, name)) })),
  )
  for (const { name, read } of texts) {
    counts.read += 1
    if (read.kind !== 'text') counts[read.kind] += 1
    else if (read.text !== null) {
      const judged = await judgeText({ name, text: read.text, isExact: read.isExact }, options)
      if (judged !== null) files.push(judged)
    }
  }
  return { files, counts }
}

interface NamedText {
  readonly name: string
  readonly text: string
  readonly isExact: boolean
}

async function judgeText(
  { name, text, isExact }: NamedText,
  options: BatchOptions,
): Promise<JudgedFile | null> {
  const migrated = migrateText(name, text, options.move)
  const path = options.prefix === '' ? name : `${options.prefix}/${name}`
  const findings = dropKnown(
    migrated.findings.map((finding) => ({ ...finding, path })),
    options.baseline,
  )
  if (findings.length === 0) return null
  const after = isExact ? migrated.text : text
  if (options.write && after !== text) await writeFile(join(options.root, name), after)
  return { path, before: text, after, findings }
}
