import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { isLoopbackHost, isRecord, parseJson } from '@anthology/wire'

import { createServerUrl, readUrl, toUnreachableError } from './chat/server.ts'
import { CliError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { readSettings } from './settings.ts'

export const adminOptions = {
  url: { type: 'string', value: 'URL', help: 'address of the server (default: as configured here)' },
  'admin-key': {
    type: 'string',
    value: 'KEY',
    help: 'its admin key (ANTHOLOGY_ADMIN_KEY, default: admin-key in the data folder)',
  },
} as const satisfies Record<string, Option>

/** A server and the key of its admin API. */
export interface AdminServer {
  readonly url: string
  readonly adminKey: string
}

/** Finds the server and its admin key from flags, variables and the data folder, whose key is only sent to this machine. */
export function readAdminServer(context: Context, values: Values): AdminServer {
  const settings = readSettings(context, values, ['port', 'host', 'data'])
  const given = getText(values, 'url')
  const url = given === undefined ? createServerUrl(settings) : readUrl(given)
  const named = getText(values, 'admin-key') ?? (context.env['ANTHOLOGY_ADMIN_KEY'] || undefined)
  if (named !== undefined) return { url, adminKey: named }
  if (!isLoopbackHost(new URL(url).hostname))
    throw new CliError(
      `there is no admin key for ${url}`,
      'Set one with --admin-key or ANTHOLOGY_ADMIN_KEY; that of the data folder is for this machine only.',
    )
  const adminKey = findAdminKey(settings.dataFolder)
  if (adminKey !== null) return { url, adminKey }
  throw new CliError(
    `there is no admin key in ${settings.dataFolder}`,
    'The first start of the server creates one. For a server with another data folder, use --data or --admin-key.',
  )
}

/** The admin key in a data folder; null if there is none. */
export function findAdminKey(dataFolder: string): string | null {
  try {
    return readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  } catch {
    return null
  }
}

/** An answer of the admin API: its value, or the problem. */
export interface AdminAnswer {
  readonly ok: boolean
  readonly value: Readonly<Record<string, unknown>>
}

/** Sends a request to the admin API. Throws a CliError with the next step if the server does not let us in. */
export async function askAdmin(
  { url, adminKey }: AdminServer,
  path: string,
  init: {
    readonly method?: 'GET' | 'POST'
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<AdminAnswer> {
  const headers = { ...init.headers, 'x-api-key': adminKey, 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { ...init, headers, redirect: 'error' }).catch(
    (error: unknown) => {
      throw toUnreachableError(url, error)
    },
  )
  const value = parseJson(await response.text())
  if (!isRecord(value))
    throw new CliError(`${url} has no admin API (${response.status})`, 'Check --url and --port.')
  const code = value['code']
  if (code === 'no_key' || code === 'unknown_key' || code === 'admin_only')
    throw new CliError(
      `${url} does not accept the admin key`,
      'Use --data with the data folder of that server, or --admin-key.',
    )
  if (code === 'rate_limited') throw new CliError(String(value['detail']), 'Then use the right --admin-key.')
  return { ok: response.ok, value }
}
