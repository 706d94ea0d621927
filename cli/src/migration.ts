import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve as resolvePath } from 'node:path'
import { createBaseline, createSummaryCounter, toPublicFinding } from '@anthology/migrate'
import type { BaselineRow, Finding, JudgedFinding, Move, Paint, Summary } from '@anthology/migrate'
import { GitError, migrateTree } from '@anthology/migrate/files'
import type { JudgedFile, TreeCounts } from '@anthology/migrate/files'

import { bold, dim, tint } from './ansi-colors.ts'
import { CliError, UsageError, getText, listTexts } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { readPlatform } from './catalog-options.ts'
import { today } from './effective-day.ts'
import { parseDay, requireModel } from './model-name.ts'

/** Options of `migrate` and `lint`. */
export const treeOptions = {
  from: {
    type: 'string',
    value: 'MODEL',
    multiple: true,
    help: 'a model or family to move (default: all models that are older than the target)',
  },
  only: { type: 'string', value: 'GLOB', multiple: true, help: 'judge only files that match' },
  exclude: { type: 'string', value: 'GLOB', multiple: true, help: 'leave out files that match' },
  since: { type: 'string', value: 'REF', help: 'only files that differ from a commit of git' },
  baseline: { type: 'string', value: 'FILE', help: 'leave out the findings that this file lists' },
  'write-baseline': { type: 'string', value: 'FILE', help: 'write the findings to a baseline' },
  platform: {
    type: 'string',
    value: 'P',
    help: 'platform of names that do not show theirs (default: read from each file)',
  },
  notes: { type: 'boolean', help: 'show notes too: comments, documentation, logs, test data' },
  'as-of': { type: 'string', value: 'DAY', help: 'judge for this day, YYYY-MM-DD (default today)' },
} as const satisfies Record<string, Option>

/** The result of a run over a tree. */
export interface TreeResult {
  /** Empty unless they are printed as a whole. */
  readonly findings: readonly JudgedFinding[]
  /** A finding is more than a note. */
  readonly fails: boolean
  readonly summary: Summary
}

export interface TreeRun {
  readonly move: Move
  readonly write: boolean
  /** Called for each file with findings, in order. */
  readonly onFile: (file: JudgedFile) => void
}

/** Reads the move that the options describe. */
export function readMove(values: Values): Move {
  const to = getText(values, 'to')
  const from = listTexts(values, 'from')
  return {
    target: to === undefined ? null : requireModel(to),
    from: from.length === 0 ? undefined : from.map(readSource),
    pin: values['pin'] === true,
    docs: values['docs'] === true,
    platform: readPlatform(values),
    day: parseDay(getText(values, 'as-of')) ?? today(),
    failWithinDays: readDays(getText(values, 'fail-within')),
  }
}

function readSource(name: string): string {
  return /^(?:opus|sonnet|haiku|fable|mythos)$/i.test(name) ? name.toLowerCase() : requireModel(name).id
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const days = /^(?<days>\d{1,4})d?$/.exec(text)?.groups?.['days']
  if (days !== undefined) return Number(days)
  throw new UsageError(
    `--fail-within cannot be ${JSON.stringify(text.slice(0, 40))}`,
    'Give a number of days, such as 90d.',
  )
}

/** Judges the given files and folders, and shows progress on a terminal. */
export async function runTree(
  context: Context,
  values: Values,
  { paths, move, write, onFile }: TreeRun & { readonly paths: readonly string[] },
): Promise<TreeResult> {
  const counter = createSummaryCounter(move)
  const counts: TreeCounts = { read: 0, binary: 0, large: 0 }
  const findings: JudgedFinding[] = []
  // A report in text prints each file at once; a large tree must not be held in memory.
  const keepsFindings = ['json', 'format', 'write-baseline'].some((name) => values[name] !== undefined)
  let fails = false
  const baseline = await readBaseline(getText(values, 'baseline'), context.cwd)
  const progress = createProgress(context)
  for (const path of paths.length === 0 ? ['.'] : paths) {
    const whole = resolvePath(context.cwd, path)
    const options = {
      move,
      prefix: await findPrefix(context.cwd, whole),
      write,
      baseline,
      only: listTexts(values, 'only'),
      exclude: listTexts(values, 'exclude'),
      since: getText(values, 'since'),
      onProgress: progress.show,
    }
    for await (const file of asUsage(migrateTree(whole, options, counts))) {
      counter.add(file.findings)
      const isFailing = file.findings.some(({ severity }) => severity !== 'note')
      fails ||= isFailing
      if (keepsFindings) findings.push(...file.findings)
      progress.clear()
      onFile(file)
    }
  }
  progress.clear()
  await writeBaseline(getText(values, 'write-baseline'), context.cwd, findings)
  return { findings, fails, summary: counter.finish(counts) }
}

/** A wrong commit is wrong use. */
async function* asUsage(files: AsyncGenerator<JudgedFile, void>): AsyncGenerator<JudgedFile, void> {
  try {
    yield* files
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw new UsageError(error.message, 'Give a commit, a branch or a tag: --since main.')
  }
}

/** Paths below the working directory are shown from there, all others from the given folder. */
async function findPrefix(cwd: string, path: string): Promise<string> {
  const folder = (await stat(path)).isFile() ? dirname(path) : path
  const shown = relative(cwd, folder)
  return shown.startsWith('..') || isAbsolute(shown) ? '' : shown.replaceAll('\\', '/')
}

/** The output of `--json`. */
export function toJson({ findings, summary }: TreeResult): {
  readonly findings: readonly Finding[]
  readonly summary: Summary
} {
  return { findings: findings.map(toPublicFinding), summary }
}

export function createPaint(context: Context): Paint {
  return (text, style) => {
    if (style === 'bold') return bold(text, context)
    return style === 'dim' ? dim(text, context) : tint(text, style, context)
  }
}

/** Shows how many files were read, ten times a second at most, and only on a terminal. */
function createProgress({ err, write, isTty }: Context) {
  let shownAtMs = 0
  let isShown = false
  return {
    show: ({ read }: TreeCounts, total: number) => {
      const nowMs = performance.now()
      if (!isTty || nowMs - shownAtMs < 100) return
      shownAtMs = nowMs
      isShown = true
      write(`\r${read} of ${total} files read`)
    },
    clear: () => {
      if (isShown) write('\r\u001B[K')
      isShown = false
    },
    err,
  }
}

async function readBaseline(file: string | undefined, cwd: string): Promise<readonly BaselineRow[]> {
  if (file === undefined) return []
  const text = await readFile(resolvePath(cwd, file), 'utf8')
  try {
    const parsed: unknown = JSON.parse(text)
    if (isBaseline(parsed)) return parsed.findings
  } catch (error) {
    throw new CliError(`${file} is not JSON: ${String(error)}`, howToBaseline)
  }
  throw new CliError(`${file} is not a baseline`, howToBaseline)
}

const howToBaseline = 'Write one with anthology lint . --write-baseline FILE.'

function isBaseline(value: unknown): value is { readonly findings: readonly BaselineRow[] } {
  return typeof value === 'object' && value !== null && 'findings' in value && Array.isArray(value.findings)
}

async function writeBaseline(
  file: string | undefined,
  cwd: string,
  findings: readonly JudgedFinding[],
): Promise<void> {
  if (file === undefined) return
  const text = JSON.stringify({ version: 1, findings: createBaseline(findings) }, null, 2)
  await writeFile(resolvePath(cwd, file), `${text}\n`)
}
