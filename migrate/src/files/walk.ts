import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import ignore from 'ignore'
import type { Ignore } from 'ignore'

/** Folders of other people's code and of tools; hidden folders such as `.github` are read. */
const skippedFolders: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  '.jj',
  'node_modules',
  'bower_components',
  'jspm_packages',
  'vendor',
  'third_party',
  '.venv',
  'venv',
  'site-packages',
  '__pycache__',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  '.terraform',
  '.next',
  '.nuxt',
  '.yarn',
  '.pnpm-store',
  '.gradle',
  '.idea',
  'Pods',
  '.anthology',
])

const ignoreFiles = ['.gitignore', '.ignore', '.anthologyignore']

interface Rules {
  /** The folder of the rules, relative to the root. */
  readonly folder: string
  readonly rules: Ignore
}

/** Yields the paths of all files below a folder, relative to it, in order; ignored files and links are left out. */
export async function* walkFiles(root: string): AsyncGenerator<string, void> {
  yield* walkFolder(root, '', [])
}

async function* walkFolder(
  root: string,
  folder: string,
  outer: readonly Rules[],
): AsyncGenerator<string, void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const rules = await readRules(root, folder, new Set(entries.map(({ name }) => name)))
  const all = rules === null ? outer : [...outer, rules]
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name) && !isIgnored(`${path}/`, all)) yield* walkFolder(root, path, all)
    } else if (entry.isFile() && !isIgnored(path, all)) yield path
  }
}

async function readRules(root: string, folder: string, names: ReadonlySet<string>): Promise<Rules | null> {
  const present = ignoreFiles.filter((name) => names.has(name))
  if (present.length === 0) return null
  const rules = ignore({ allowRelativePaths: true })
  for (const name of present) rules.add(await readFile(join(root, folder, name), 'utf8'))
  return { folder, rules }
}

/** The innermost rule that says anything decides, as in git. */
function isIgnored(path: string, all: readonly Rules[]): boolean {
  for (const { folder, rules } of all.toReversed()) {
    const { ignored, unignored } = rules.test(folder === '' ? path : path.slice(folder.length + 1))
    if (ignored) return true
    if (unignored) return false
  }
  return false
}
