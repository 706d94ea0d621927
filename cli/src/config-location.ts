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
  if (!(error instanceof GatewayError) || error.code !== 'config_invalid' || configFile === null) return error
  const member = /^(?<member>[a-z_]+(?:\.\S+)?): /.exec(error.message)?.groups?.['member']
  const path = resolvePath(cwd, configFile)
  if (member === undefined || !existsSync(path)) return error
  const found = locateMember(readTextFile(path), member)
  if (found === null) return error
  const message = `${configFile}:${found.line}:${found.column}: ${error.message}`
  return new GatewayError('config_invalid', message, {
    cause: error,
    ...(error.hint && { hint: error.hint }),
  })
}
