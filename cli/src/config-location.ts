import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { GatewayError, locateMember } from '@anthology/gateway'

import type { Context } from './command.ts'
import type { Settings } from './settings.ts'
import { readTextFile } from './text-file.ts'

/**
 * Adds file, line and column to an error of the gateway whose message begins with a member of the configuration, such
 * as `routing.groups: there is no upstream 'us'`. Returns any other error as it is.
 */
export function addConfigLocation(
  error: unknown,
  { configFile }: Pick<Settings, 'configFile'>,
  { cwd }: Pick<Context, 'cwd'>,
): unknown {
  if (!(error instanceof GatewayError) || error.code !== 'config_invalid') return error
  const member = /^(?<member>[a-z_]+(?:\.\S+)?): /.exec(error.message)?.groups?.['member']
  const place = member === undefined ? '' : printLocation(member, { configFile }, { cwd })
  if (place === '') return error
  return new GatewayError('config_invalid', `${place}${error.message}`, {
    cause: error,
    ...(error.hint && { hint: error.hint }),
  })
}

/** File, line and column of a member, such as `anthology.yaml:3:5: `; empty if it is not in a file. */
export function printLocation(
  member: string,
  { configFile }: Pick<Settings, 'configFile'>,
  { cwd }: Pick<Context, 'cwd'>,
): string {
  if (configFile === null) return ''
  const path = resolvePath(cwd, configFile)
  const found = existsSync(path) ? locateMember(readTextFile(path), member) : null
  return found === null ? '' : `${configFile}:${found.line}:${found.column}: `
}
