import { statSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { UsageError } from './command.ts'
import type { Context } from './command.ts'
import { readTextFile } from './text-file.ts'

/** The maximum file size: a request is limited to 32 MB, and a transcript may contain several. */
const maxFileBytes = 256 * 1024 * 1024

/** The text of a file, or of standard input for `-`. */
export async function readText(context: Context, file: string): Promise<string> {
  if (file === '-') {
    const text = (await context.stdin()).replace(/^\ufeff/, '')
    if (text.trim() !== '') return text
    throw new UsageError('standard input is empty', 'Pipe a file into the command, or give its path.')
  }
  const path = resolvePath(context.cwd, file)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    throw new UsageError(`there is no file ${file}`, 'Give an existing file, or - for standard input.')
  if (found.isDirectory()) throw new UsageError(`${file} is a folder, not a file`, 'Give the path of a file.')
  if (found.size > maxFileBytes) throw new UsageError(`${file} is larger than 256 MB`, 'Split it.')
  return readTextFile(path)
}

/** The name of a file in messages. */
export function getFileName(file: string): string {
  return file === '-' ? 'standard input' : file
}

export function parseJsonFile(text: string, file: string, hint: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${getFileName(file)} is not JSON${describePlace(error)}`, hint)
  }
}

/** The place that V8's message names; '' if it names none. */
function describePlace(error: unknown): string {
  const place = /\(line (?<line>\d+) column (?<column>\d+)\)$/.exec(
    error instanceof Error ? error.message : '',
  )
  return place === null ? '' : ` at line ${place.groups?.['line']}, column ${place.groups?.['column']}`
}
