import {
  checkKeyName,
  createCredentialsRecord,
  createKey,
  createKeySecret,
  deriveCredentials,
  findLiveMember,
  findLiveWorkspace,
  insertKey,
  listAllKeys,
  printKey,
  readRootSecret,
  revokeKey,
  rotateKey,
  updateKey,
} from '@anthology/gateway'
import type { AwsCredentials, Config, KeyRecord, Queries, StoreLocation } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { adminOptions } from '../admin-server.ts'
import { showKeyLimits } from '../key-limits.ts'
import { permissionOptions, readPermissionOptions } from '../key-options.ts'
import {
  changeStore,
  isNewFolder,
  readAction,
  readFlag,
  readStore,
  readWord,
  rejectWords,
} from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

const actions = ['create', 'list', 'update', 'rotate', 'revoke', 'limits'] as const

export const command: Command = {
  name: 'keys',
  summary: 'Create, list, change, rotate and revoke keys of the gateway',
  usage: 'create | list | update | rotate | revoke | limits ID-OR-NAME',
  example: 'anthology keys create --name ci --models claude-sonnet-4-0,claude-3-5-haiku-latest',
  words: actions,
  options: {
    ...dataOptions,
    ...adminOptions,
    name: { type: 'string', value: 'NAME', help: 'name of the key, unique among live keys (default its id)' },
    workspace: { type: 'string', value: 'NAME', help: 'workspace of a new key (default default)' },
    member: { type: 'string', value: 'NAME', help: 'member to whom it belongs (default none)' },
    ...permissionOptions,
    aws: {
      type: 'boolean',
      help: 'also create AWS credentials, for clients that sign Amazon Bedrock requests',
    },
    'overlap-seconds': {
      type: 'string',
      value: 'N',
      help: 'rotate: time for which the present key stays valid (default 86400)',
    },
  },
  async run(context, values, positionals) {
    const { action, rest } = readAction('keys', actions, positionals)
    if (action === 'limits')
      return showKeyLimits(context, values, readWord('keys limits', rest, 'For example ci.'))
    const run = { create: createOne, list: listAll, update: updateOne, rotate: rotateOne, revoke: revokeOne }
    const hints = { create: `To name the key: --name ${rest[0]}`, list: 'It always lists all keys.' }
    if (action === 'create' || action === 'list') rejectWords(`keys ${action}`, rest, hints[action])
    const { dataFolder, store, config, onUpgrade } = readStoreSettings(context, values)
    const location = { dataFolder, store, onUpgrade }
    return run[action]({ context, values, dataFolder, location, config, rest })
  },
}

interface Task {
  readonly context: Context
  readonly values: Values
  readonly dataFolder: string
  readonly location: StoreLocation
  readonly config: Config
  readonly rest: readonly string[]
}

async function createOne({ context, values, dataFolder, location, config }: Task): Promise<number> {
  const nowMs = Date.now()
  const aws = values['aws'] === true ? createCredentialsRecord() : null
  const { models = null, ...permissions } = readPermissionOptions(values, config, nowMs)
  const made = createKey(readName(values), models, nowMs, permissions)
  const isNew = location.store === undefined && isNewFolder(dataFolder)
  // Before the key is stored: a key whose credentials cannot be shown would be of no use.
  const credentials = aws === null ? null : deriveAws({ context, dataFolder }, aws)
  const record = await changeStore(location, {
    action: 'createKey',
    creates: true,
    changesKeys: true,
    work: async (queries) => {
      const owner = await findOwner(queries, values)
      return insertKey(queries, { ...made.record, ...owner, aws })
    },
  })
  show(context, values, { record, secret: made.secret, credentials })
  if (values['json'] === true) return 0
  context.err(
    `Key ${record.id} (${record.name}), ${describeModels(record)}. It is shown only once; a running server accepts it at once.`,
  )
  if (isNew) context.err(`It is in the new data folder ${dataFolder}.`)
  return 0
}

function deriveAws(
  { context, dataFolder }: Pick<Task, 'context' | 'dataFolder'>,
  aws: NonNullable<KeyRecord['aws']>,
): AwsCredentials {
  return deriveCredentials(aws, readRootSecret(dataFolder, context.env['ANTHOLOGY_ROOT_SECRET']))
}

interface Shown {
  readonly record: KeyRecord
  readonly secret: string
  readonly credentials: AwsCredentials | null
}

/** Prints a key with its secrets, one on each line, or as JSON. */
function show(context: Context, values: Values, { record, secret, credentials }: Shown): void {
  if (values['json'] === true) {
    const awsSecret = credentials?.secretAccessKey ?? null
    context.out(JSON.stringify({ ...printKey(record), key: secret, aws_secret_access_key: awsSecret }))
    return
  }
  context.out(secret)
  if (credentials === null) return
  context.out(`AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`)
  context.out(`AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`)
}

async function findOwner(
  queries: Queries,
  values: Values,
): Promise<Pick<KeyRecord, 'workspaceId' | 'memberId'>> {
  const member = getText(values, 'member')
  return {
    workspaceId: (await findLiveWorkspace(queries, getText(values, 'workspace') ?? 'default')).id,
    memberId: member === undefined ? null : (await findLiveMember(queries, member)).id,
  }
}

/** Null if no name is given. The names of the built-in keys would be ambiguous in `rates.keys`. */
function readName(values: Values): string | null {
  const name = getText(values, 'name')
  if (name === undefined) return null
  if (name.trim() === '') throw new UsageError('--name is empty', 'For example --name ci.')
  return readFlag('For example --name ci. Choose another name.', () => checkKeyName(name))
}

async function listAll({ context, values, location }: Task): Promise<number> {
  const keys = await readStore(location, listAllKeys)
  if (values['json'] === true) {
    context.out(JSON.stringify(keys.map(printKey), null, 2))
    return 0
  }
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.workspaceId,
    describeModels(key),
    printDay(key.createdAtMs),
    describeState(key),
  ])
  const head = ['ID', 'NAME', 'WORKSPACE', 'MODELS', 'CREATED', 'STATE']
  for (const line of alignColumns([head, ...rows])) context.out(line)
  context.err(
    `${keys.length === 0 ? 'No keys yet' : `${keys.length} in all`}; the local key in the data folder is not listed.`,
  )
  return 0
}

function describeState({ revokedAtMs, expiresAtMs }: KeyRecord): string {
  if (revokedAtMs !== null) return `revoked ${printDay(revokedAtMs)}`
  if (expiresAtMs === null) return 'live'
  return expiresAtMs <= Date.now()
    ? `expired ${printDay(expiresAtMs)}`
    : `live until ${printDay(expiresAtMs)}`
}

async function updateOne({ context, values, location, config, rest }: Task): Promise<number> {
  const idOrName = readWord('keys update', rest, 'For example: anthology keys update ci --models all')
  const permissions = readPermissionOptions(values, config, Date.now())
  const name = readName(values)
  const member = getText(values, 'member')
  const record = await changeStore(location, {
    action: 'updateKey',
    creates: false,
    changesKeys: true,
    work: async (queries) =>
      updateKey(queries, idOrName, {
        ...permissions,
        ...(name !== null && { name }),
        ...(member !== undefined && {
          memberId: member === 'none' ? null : (await findLiveMember(queries, member)).id,
        }),
      }),
  })
  const isJson = values['json'] === true
  context.out(isJson ? JSON.stringify(printKey(record)) : `${record.id} (${record.name}) is changed.`)
  return 0
}

async function rotateOne({ context, values, dataFolder, location, rest }: Task): Promise<number> {
  const idOrName = readWord('keys rotate', rest, 'For example: anthology keys rotate ci')
  const overlapSeconds = readOverlap(getText(values, 'overlap-seconds'))
  const aws = createCredentialsRecord()
  const derived = deriveAws({ context, dataFolder }, aws)
  const { secret, ...stored } = createKeySecret()
  const record = await changeStore(location, {
    action: 'rotateKey',
    creates: false,
    changesKeys: true,
    work: (queries, nowMs) =>
      rotateKey(queries, idOrName, { ...stored, aws, validUntilMs: nowMs + overlapSeconds * 1_000 }),
  })
  show(context, values, { record, secret, credentials: record.aws === null ? null : derived })
  const until = new Date(record.previous?.validUntilMs ?? 0).toISOString()
  if (values['json'] !== true)
    context.err(`Key ${record.id} (${record.name}) has a new secret. The one before is valid until ${until}.`)
  return 0
}

function readOverlap(text: string | undefined): number {
  if (text === undefined) return 24 * 60 * 60
  if (/^\d{1,7}$/.test(text) && Number(text) <= maxOverlapSeconds) return Number(text)
  throw new UsageError(
    `--overlap-seconds must be a number from 0 to ${maxOverlapSeconds}`,
    'For example 3600.',
  )
}

const maxOverlapSeconds = 30 * 24 * 60 * 60

async function revokeOne({ context, values, location, rest }: Task): Promise<number> {
  const name = readWord('keys revoke', rest, 'Give its id or name: anthology keys revoke ci')
  if (name === 'local')
    throw new UsageError(
      'the local key cannot be revoked: it is a file',
      'Delete local-key in the data folder and restart the server, which creates a new one.',
    )
  const { id } = await changeStore(location, {
    action: 'revokeKey',
    creates: false,
    changesKeys: true,
    work: (queries, nowMs) => revokeKey(queries, name, nowMs),
  })
  context.out(
    values['json'] === true
      ? JSON.stringify({ id, revoked: true })
      : `${id} is revoked; a running server rejects it within a second.`,
  )
  return 0
}

function describeModels(key: KeyRecord): string {
  return key.models === null ? 'all models' : key.models.join(', ')
}

function printDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
