import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { CliError, getText } from '../command.ts'
import type { Command } from '../command.ts'
import { invocation } from '../invocation.ts'
import { printStarterConfig } from '../starter-config.ts'

export const command: Command = {
  name: 'init',
  summary: 'Write a first anthology.yaml, with examples to switch on',
  usage: '[--config FILE]',
  example: 'anthology init',
  options: {
    config: { type: 'string', value: 'FILE', help: 'file to write (default anthology.yaml)' },
  },
  withoutWords: 'The name of the file is an option: --config FILE.',
  async run(context, values) {
    const file = getText(values, 'config') ?? 'anthology.yaml'
    const path = resolvePath(context.cwd, file)
    write(path, file, printStarterConfig(findSchema(dirname(path))))
    if (values['json'] === true) {
      context.out(JSON.stringify({ file: path }))
      return 0
    }
    const flags = file === 'anthology.yaml' ? '' : ` --config ${file}`
    context.out(`${file} is written. Until you switch an upstream on in it, the offline emulator answers.`)
    context.out(`Check it: ${invocation} doctor${flags}`)
    context.out(`Start:    ${invocation} serve${flags}`)
    return 0
  },
}

/** An existing file is never replaced: it may be the configuration of a server. */
function write(path: string, file: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    throw new CliError(`${file} exists, and was not changed`, 'Name another file with --config FILE.')
  }
}

/** The schema of an installation in the folder of the file; any other installation may go away before the file does. */
function findSchema(folder: string): string | null {
  let at = dirname(fileURLToPath(import.meta.resolve('@anthology/gateway')))
  while (!existsSync(join(at, schemaName))) {
    if (dirname(at) === at) return null
    at = dirname(at)
  }
  const path = relative(folder, join(at, schemaName))
  return path.startsWith('..') ? null : path.split(sep).join('/')
}

const schemaName = 'anthology.schema.json'
