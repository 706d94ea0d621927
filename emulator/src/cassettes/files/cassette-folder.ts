import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { CassetteError } from '../cassette.ts'
import type { Cassette } from '../cassette.ts'
import { createCassetteStore } from './cassette-store.ts'
import type { CassetteStore } from './cassette-store.ts'
import { readHar } from '../import/read-har.ts'
import type { HarOptions } from '../import/read-har.ts'
import { maxCassetteLength, parseCassette } from './parse-cassette.ts'

export interface CassetteFolderOptions {
  /** Creates the folder if it is missing; default false. */
  readonly create?: boolean
}

/**
 * Opens the cassettes in a folder: its `.yaml` and `.yml` files, not those of its folders. Throws a CassetteError if the
 * folder or a file cannot be read, or is no cassette. Each recording replaces its file at once and as a whole, so that a
 * process that is killed leaves only whole files.
 */
export function openCassettes(folder: string, { create = false }: CassetteFolderOptions = {}): CassetteStore {
  if (create) mkdirSync(folder, { recursive: true })
  const names = listFiles(folder)
  const cassettes = names
    .filter((name) => /^[^.].*\.ya?ml$/.test(name))
    .map((name) => readCassette(folder, name))
  if (create) removeLeftovers(folder, names)
  return createCassetteStore(cassettes, {
    write: (name, text) => writeWhole(folder, name, text),
    read: (name) => (existsSync(join(folder, name)) ? readText(join(folder, name), name) : null),
  })
}

/**
 * Opens recordings by their path: a folder of cassettes, one cassette, or a HAR file. Only a folder can be recorded into.
 * Throws a CassetteError as `openCassettes` and `readHar` do.
 */
export function openRecordings(path: string, options: HarOptions = {}): CassetteStore {
  if (isFolder(path)) return openCassettes(path)
  const name = basename(path)
  if (!name.toLowerCase().endsWith('.har')) return createCassetteStore([readCassette(dirname(path), name)])
  return readHar(readText(path, name), name, options)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new CassetteError(`there is no file or folder ${path}`, { cause: error })
    throw new CassetteError(`${path} cannot be read: ${describe(error)}`, { cause: error })
  }
}

function listFiles(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted()
  } catch (error) {
    throw new CassetteError(`the folder ${folder} cannot be read: ${describe(error)}`, { cause: error })
  }
}

function readCassette(folder: string, name: string): readonly [string, Cassette] {
  return [name, parseCassette(readText(join(folder, name), name), name)]
}

/** A file that is too long is not read into memory. */
function readText(path: string, name: string): string {
  try {
    if (statSync(path).size > maxCassetteLength)
      throw new CassetteError(`${name}: the file is longer than ${maxCassetteLength} bytes`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof CassetteError) throw error
    throw new CassetteError(`${name} cannot be read: ${describe(error)}`, { cause: error })
  }
}

/** Writes synchronously, so that a recording is complete before its client has the end of the answer. */
function writeWhole(folder: string, name: string, text: string): void {
  const temporary = join(folder, `.${name}.${process.pid}${temporaryEnding}`)
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, join(folder, name))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new CassetteError(`${name} cannot be written: ${describe(error)}`, { cause: error })
  }
}

const temporaryEnding = '.tmp'

/** Removes what a killed process left of its last write. */
function removeLeftovers(folder: string, names: readonly string[]): void {
  for (const name of names)
    if (name.startsWith('.') && /\.yaml\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
