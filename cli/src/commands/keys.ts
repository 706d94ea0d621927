import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

import { describeUnresolved, resolve } from '@anthology/catalog'
import {
  createKey,
  createCredentialsRecord,
  deriveCredentials,
  insertStoredKey,
  listStoredKeys,
  readForeignModels,
  readRootSecret,
  revokeStoredKey,
} from '@anthology/gateway'
import type { AwsCredentials, Config, Database, KeyRecord } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { isServed, openExistingStore, openOrCreateStore } from '../ledger-file.ts'
import { dataOptions, readSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'keys',
  summary: 'Create, list and revoke keys of the gateway',
  usage: 'create [--name NAME] [--models MODEL,...] [--aws] | list | revoke ID-OR-NAME',
  example: 'anthology keys create --name ci --models claude-sonnet-4-0,claude-3-5-haiku-latest',
  words: ['create', 'list', 'revoke'],
  options: {
    ...dataOptions,
    name: { type: 'string', value: 'NAME', help: 'name of the key, unique among live keys (default its id)' },
    models: { type: 'string', value: 'MODEL,...', help: 'models that the key may use (default all)' },
    aws: {
      type: 'boolean',
      help: 'also create AWS credentials, for clients that sign Amazon Bedrock requests',
    },
  },
  async run(context, values, [action, ...rest]) {
    const run = { create: createOne, list: listAll, revoke: revokeOne }[action ?? '']
    if (run === undefined) {
      throw new UsageError(
        action === undefined ? 'keys needs an action' : `keys has no action ${action}`,
        'Use create, list or revoke.',
      )
    }
    rejectExtraArgument(action, rest)
    const settings = readSettings(context, values, ['data', 'store'])
    return run({ context, values, settings, foreign: listForeignNames(settings.config), rest })
  },
}

/**
 * Rejects a stray argument: without this check, `keys create NAME` would ignore the name, and `keys list
 * NAME` would list all keys.
 */
function rejectExtraArgument(action: string | undefined, [word]: readonly string[]): void {
  if (word === undefined || action === 'revoke') return
  const hint = action === 'create' ? `To name the key: --name ${word}` : 'It always lists all keys.'
  throw new UsageError(`keys ${action} does not accept ${JSON.stringify(word)}`, hint)
}

interface Task {
  readonly context: Context
  readonly values: Values
  readonly settings: Settings
  /** The models of the configuration that are not in the catalog. */
  readonly foreign: ReadonlySet<string>
  readonly rest: readonly string[]
}

async function createOne({ context, values, settings, foreign }: Task): Promise<number> {
  const { dataFolder, store } = settings
  const aws = values['aws'] === true ? createCredentialsRecord() : null
  const name = readName(getText(values, 'name'))
  const { secret, record: made } = createKey(name, readModels(getText(values, 'models'), foreign), Date.now())
  const record = { ...made, aws }
  const isNewFolder = !existsSync(dataFolder)
  // Before the key is stored: a key whose credentials cannot be shown would be of no use.
  const credentials =
    aws === null
      ? null
      : deriveCredentials(aws, readRootSecret(dataFolder, context.env['ANTHOLOGY_ROOT_SECRET']))
  await withStore(openOrCreateStore(settings), (database) => insertStoredKey(database, record))
  // So that the key works as soon as the command has ended, e.g. in a script.
  if (store !== undefined || isServed(dataFolder)) await setTimeout(pickUpMs)
  if (values['json'] === true) {
    context.out(
      JSON.stringify({ ...publicKey(record), key: secret, ...(credentials && awsMembers(credentials)) }),
    )
    return 0
  }
  context.out(secret)
  if (credentials !== null) {
    context.out(`AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`)
    context.out(`AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`)
  }
  context.err(
    `Key ${record.id} (${record.name}), ${describeModels(record)}. It is shown only once; a running server accepts it at once.`,
  )
  if (isNewFolder && store === undefined) context.err(`It is in the new data folder ${dataFolder}.`)
  return 0
}

/** A running server looks for new keys four times a second. */
const pickUpMs = 1_000

/** Null if no name is given. The names of the built-in keys would be ambiguous in `rates.keys`. */
function readName(text: string | undefined): string | null {
  if (text === undefined) return null
  const name = text.trim()
  if (name === '') throw new UsageError('--name is empty', 'For example --name ci.')
  if (name.length > maxNameLength || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name))
    throw new UsageError(
      `--name must be one line of at most ${maxNameLength} characters`,
      'For example --name ci.',
    )
  if (!builtInNames.has(name)) return name
  throw new UsageError(`${JSON.stringify(name)} is a key of the server itself`, 'Choose another name.')
}

const maxNameLength = 100
const builtInNames: ReadonlySet<string> = new Set([
  'local',
  'local key',
  'env',
  'ANTHOLOGY_KEY',
  'ANTHOLOGY_AWS_ACCESS_KEY_ID',
])

async function withStore<Found>(
  opening: Promise<Database>,
  use: (database: Database) => Promise<Found>,
): Promise<Found> {
  const database = await opening
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

async function listAll({ context, values, settings }: Task): Promise<number> {
  const keys = await withStore(openExistingStore(settings), listStoredKeys)
  if (values['json'] === true) {
    context.out(JSON.stringify(keys.map(publicKey), null, 2))
    return 0
  }
  const rows = keys.map((key) => [
    key.id,
    key.name,
    describeModels(key),
    day(key.createdAtMs),
    key.revokedAtMs === null ? 'live' : `revoked ${day(key.revokedAtMs)}`,
  ])
  for (const line of alignColumns([['ID', 'NAME', 'MODELS', 'CREATED', 'STATE'], ...rows])) context.out(line)
  context.err(
    `${keys.length === 0 ? 'No keys yet' : `${keys.length} in all`}; the local key in the data folder is not listed.`,
  )
  return 0
}

async function revokeOne({ context, values, settings, rest }: Task): Promise<number> {
  const [name, ...more] = rest
  if (name === undefined || more.length > 0)
    throw new UsageError('revoke needs exactly one key', 'Give its id or name: anthology keys revoke ci')
  if (name === 'local')
    throw new UsageError(
      'the local key cannot be revoked: it is a file',
      'Delete local-key in the data folder and restart the server, which creates a new one.',
    )
  const id = await withStore(openExistingStore(settings), (database) =>
    revokeStoredKey(database, name, Date.now()),
  )
  context.out(
    values['json'] === true
      ? JSON.stringify({ id, revoked: true })
      : `${id} is revoked; a running server rejects it within a second.`,
  )
  return 0
}

function readModels(text: string | undefined, foreign: ReadonlySet<string>): readonly string[] | null {
  if (text === undefined) return null
  return text.split(',').map((name) => {
    if (foreign.has(name.trim())) return name.trim()
    const found = resolve(name.trim())
    if (found.ok) return found.model.id
    const hint = describeUnresolved(found) || 'See anthology models.'
    throw new UsageError(`there is no model ${JSON.stringify(name.trim())}`, hint)
  })
}

function listForeignNames({ upstreams = [] }: Config): ReadonlySet<string> {
  return new Set(
    upstreams.flatMap((upstream) =>
      upstream.platform === 'anthropic' ? [...(readForeignModels(upstream)?.models.keys() ?? [])] : [],
    ),
  )
}

function publicKey(key: KeyRecord): Record<string, unknown> {
  return {
    id: key.id,
    name: key.name,
    models: key.models,
    aws_access_key_id: key.aws?.accessKeyId ?? null,
    created_at: new Date(key.createdAtMs).toISOString(),
    revoked_at: key.revokedAtMs === null ? null : new Date(key.revokedAtMs).toISOString(),
  }
}

/** The secret can be derived again, but like the key it is shown only once. */
function awsMembers({ accessKeyId, secretAccessKey }: AwsCredentials): Record<string, string> {
  return { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey }
}

function describeModels(key: KeyRecord): string {
  return key.models === null ? 'all models' : key.models.join(', ')
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
