import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { JudgedFinding } from '../finding.ts'
import { dropKnown } from '../judge/suppress.ts'
import type { BaselineRow } from '../judge/suppress.ts'
import { migrateText } from '../migrate-text.ts'
import type { Move } from '../move.ts'
import { createLinkedProgram, listModelModules } from '../program.ts'
import type { Program, ProgramLinks } from '../program.ts'
import { selectLanguage } from '../syntax/language.ts'
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
  readonly links: ProgramLinks
}

export interface JudgedBatch {
  readonly files: readonly JudgedFile[]
  readonly counts: TreeCounts
}

/** The modules that the files of a batch may take models from, by path. */
export type BatchModules = readonly (readonly [path: string, specifiers: readonly string[]])[]

/** Reads the imports of some files. */
export function listBatchModules(root: string, names: readonly string[]): BatchModules {
  return names.flatMap((name) => {
    if (!/^(?:javascript|python)$/.test(selectLanguage(name).name)) return []
    const text = readWhole(join(root, name))
    const specifiers = text === null ? [] : listModelModules(name, text)
    return specifiers.length === 0 ? [] : [[name, specifiers] as const]
  })
}

function readWhole(path: string): string | null {
  const read = readText(path, { always: true })
  return read.kind === 'text' ? read.text : null
}

/** Reads, judges and writes some files of a tree. */
export function judgeBatch(names: readonly string[], options: BatchOptions): JudgedBatch {
  const counts: TreeCounts = { read: 0, binary: 0, large: 0 }
  const program = createLinkedProgram(options.links, (path) => readWhole(join(options.root, path)))
  const files: JudgedFile[] = []
  for (const name of names) {
    counts.read += 1
    const read = readText(join(options.root, name), { always: program.importsModel(name) })
    if (read.kind !== 'text') counts[read.kind] += 1
    else if (read.text !== null) {
      const { text, isExact } = read
      const judged = judgeText({ name, text, isExact }, program, options)
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

function judgeText(
  { name, text, isExact }: NamedText,
  program: Program,
  options: BatchOptions,
): JudgedFile | null {
  const migrated = migrateText(name, text, options.move, program)
  const path = options.prefix === '' ? name : `${options.prefix}/${name}`
  const findings = dropKnown(
    migrated.findings.map((finding) => ({ ...finding, path })),
    options.baseline,
  )
  if (findings.length === 0) return null
  const after = isExact ? migrated.text : text
  // Other files are judged by what a linked file says, so it is written last.
  if (options.write && after !== text && !isLinked(name, options.links))
    writeFileSync(join(options.root, name), after)
  return { path, before: text, after, findings }
}

/** True for a file that takes a model from another file, or that another file takes one from. */
export function isLinked(name: string, { modules, importers }: ProgramLinks): boolean {
  return modules.has(name) || importers.has(name)
}
