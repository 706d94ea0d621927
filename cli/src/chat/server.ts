import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describeUnresolved, resolve } from '@anthology/catalog'
import { isLoopbackHost, parseError, readText } from '@anthology/wire'

import { CliError, UsageError, getText } from '../command.ts'
import type { Context, Values } from '../command.ts'
import { invocation } from '../invocation.ts'
import { reachableHost } from '../server-address.ts'
import { readSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'

/** The server's address, and the key to send. */
export interface Server {
  readonly url: string
  readonly key: string
  readonly keyFrom: KeyOrigin
}

export type KeyOrigin = '--key' | 'ANTHOLOGY_KEY' | 'the local key of the data folder'

/**
 * Reads the server and the key from flags, variables and the data folder. The local key is only ever sent
 * to this machine, never to another host.
 */
export function readServer(context: Context, values: Values): Server {
  const settings = readSettings(context, values, ['port', 'host', 'data'])
  const given = getText(values, 'url')
  const url = given === undefined ? createServerUrl(settings) : readUrl(given)
  const flag = getText(values, 'key')
  if (flag !== undefined && flag !== '') return { url, key: flag, keyFrom: '--key' }
  const variable = context.env['ANTHOLOGY_KEY']
  if (variable !== undefined && variable !== '') return { url, key: variable, keyFrom: 'ANTHOLOGY_KEY' }
  if (!isLoopbackHost(new URL(url).hostname)) {
    throw new CliError(
      `there is no key for ${url}`,
      'Set one with --key or ANTHOLOGY_KEY; the local key of the data folder is for this machine only.',
    )
  }
  const key = findLocalKey(settings.dataFolder)
  if (key !== null) return { url, key, keyFrom: 'the local key of the data folder' }
  throw new CliError(
    `there is no local key in ${settings.dataFolder}`,
    `The first start of the server creates one: ${invocation} serve. For a server with another data folder, use --data or --key.`,
  )
}

/** The URL of the server on this machine that the settings describe. */
export function createServerUrl({ config, host, port }: Settings): string {
  return `${config.tls === undefined ? 'http' : 'https'}://${reachableHost(host)}:${port}`
}

/** The data folder's own key, if it has one; unlike a start of the server, this never creates one. */
export function findLocalKey(dataFolder: string): string | null {
  try {
    return readFileSync(join(dataFolder, 'local-key'), 'utf8').trim()
  } catch {
    return null
  }
}

/** A server's address without `/v1`, which users know from other tools. */
export function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:')
    return `${url.origin}${url.pathname.replace(/\/(?:v1\/?)?$/, '')}`
  throw new UsageError(
    `--url must be an http or https address, not ${JSON.stringify(text.slice(0, 80))}`,
    'For example --url http://127.0.0.1:7171.',
  )
}

/** Sends a request to the server. A failed connection throws an error with a hint. */
export async function sendRequest(server: Server, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    'x-api-key': server.key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  try {
    return await fetch(`${server.url}${path}`, { ...init, headers, redirect: 'error' })
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw toUnreachableError(server.url, error)
  }
}

/** Converts an error response to a CLI error with a hint. */
export async function toCliError(server: Server, response: Response, model: string): Promise<CliError> {
  const body = new Uint8Array(await response.arrayBuffer())
  const parsed = parseError(body)
  const message = parsed?.message ?? `the server responded with ${response.status} without a Claude API error`
  return new CliError(
    `${message} (${response.status})`,
    nextStep(server, { status: response.status, message, model }),
  )
}

function nextStep(
  server: Server,
  { status, message, model }: { readonly status: number; readonly message: string; readonly model: string },
): string {
  switch (status) {
    case 401:
      return `${server.url} does not accept ${server.keyFrom}. Use --key with the key that the server printed at its start, or --data with its data folder.`
    case 403:
      return 'This key is not allowed to do that: use another model, or create a key with anthology keys create.'
    case 404:
      return message.includes('Did you mean') ? 'anthology models lists all models.' : modelHint(model)
    case 413:
      return 'Send less: /clear starts over, and smaller images help.'
    case 429:
      return 'Wait a moment and send it again.'
    case 400:
      return 'Correct the request and send it again.'
    default:
      return status >= 500
        ? 'Send it again. If the error remains, see the server log, or run anthology doctor.'
        : 'See the server log.'
  }
}

function modelHint(model: string): string {
  const found = resolve(model)
  const hint = found.ok ? '' : describeUnresolved(found)
  if (hint !== '') return hint
  return 'anthology models lists the models; --url is the address without /v1.'
}

/** The error of a failed connection, with the next step. */
export function toUnreachableError(url: string, error: unknown): CliError {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ECONNREFUSED')
    return new CliError(
      `nothing listens on ${url}`,
      `Start the server with: ${invocation} serve. If it listens on another address, use --url.`,
    )
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return new CliError(
      `the certificate of ${url} is not trusted here`,
      'Set NODE_EXTRA_CA_CERTS to its file, or to that of the authority that signed it.',
    )
  const why = cause instanceof Error ? cause.message : String(error)
  return new CliError(`${url} cannot be reached: ${why || code}`, 'Check --url, or run anthology doctor.')
}

/** Looks up a model on the server; an unknown name is an error with suggestions. */
export async function findModel(
  server: Server,
  name: string,
): Promise<{ readonly id: string; readonly displayName: string }> {
  const response = await sendRequest(server, `/v1/models/${encodeURIComponent(name)}`)
  if (!response.ok) throw await toCliError(server, response, name)
  const body: unknown = await response.json().catch(() => null)
  const id = readText(body, 'id')
  if (id === null)
    throw new CliError(`the response of ${server.url} is not from a Claude API`, 'Check --url.')
  return { id, displayName: readText(body, 'display_name') ?? id }
}
