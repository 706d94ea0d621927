import type { Resolution } from '@anthology/catalog'
import { createNameResolver, listForeignModels, readForeignModels, readPermissions } from '@anthology/gateway'
import type { Config, KeyPermissions, PermissionsInput } from '@anthology/gateway'

import { UsageError, getText } from './command.ts'
import type { Option, Values } from './command.ts'
import { readFlag } from './organization-store.ts'

/** The flags for the permissions of a key, named like the members of the admin API. */
export const permissionOptions = {
  models: { type: 'string', value: 'MODEL,...', help: 'models that the key may use (default all)' },
  protocols: {
    type: 'string',
    value: 'NAME,...',
    help: 'APIs that it may use: messages, openai, bedrock, vertex (default all)',
  },
  regions: {
    type: 'string',
    value: 'REGION,...',
    help: 'regions of upstreams that may serve it (default all)',
  },
  'ip-ranges': {
    type: 'string',
    value: 'RANGE,...',
    help: 'addresses from which it may be used, such as 10.0.0.0/8 (default all)',
  },
  'requests-per-minute': { type: 'string', value: 'N', help: 'requests of one model in any minute' },
  'input-tokens-per-minute': { type: 'string', value: 'N', help: 'input tokens of one model in any minute' },
  'output-tokens-per-minute': {
    type: 'string',
    value: 'N',
    help: 'output tokens of one model in any minute',
  },
  'expires-at': {
    type: 'string',
    value: 'TIME',
    help: 'end of its validity, such as 2027-01-31 (default never)',
  },
} as const satisfies Record<string, Option>

const rateKinds = ['requests_per_minute', 'input_tokens_per_minute', 'output_tokens_per_minute'] as const

/** Reads the given permissions. `all`, `none` or `never` removes a restriction. */
export function readPermissionOptions(
  values: Values,
  config: Config,
  nowMs: number,
): Partial<KeyPermissions> {
  const protocols = readList(values, 'protocols')
  for (const name of protocols ?? [])
    if (!protocolNames.some((known) => known === name))
      throw new UsageError(
        `--protocols: there is no protocol ${JSON.stringify(name)}`,
        'Use messages, openai, bedrock or vertex.',
      )
  const lists = {
    models: readList(values, 'models'),
    protocols: protocols as PermissionsInput['protocols'], // Each was found in the list of protocols.
    regions: readList(values, 'regions'),
    ip_ranges: readList(values, 'ip-ranges'),
    rates: readRates(values),
    expires_at: readTime(values),
  }
  const given = Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== undefined))
  const resolveModel = createConfiguredResolver(config)
  return readFlag('See anthology keys --help.', () => readPermissions(given, { resolveModel, nowMs }))
}

const protocolNames = ['messages', 'openai', 'bedrock', 'vertex'] as const

/** Finds models of the catalog, and those outside it that the configuration names. */
function createConfiguredResolver({ upstreams = [] }: Config): (name: string) => Resolution {
  const accounts = upstreams.flatMap((upstream) => {
    const foreign = upstream.platform === 'anthropic' ? readForeignModels(upstream) : undefined
    return foreign === undefined || foreign === null ? [] : [{ foreign }]
  })
  return createNameResolver({}, { foreign: listForeignModels(accounts) })
}

function readList(values: Values, name: string): readonly string[] | null | undefined {
  const text = getText(values, name)
  if (text === undefined) return undefined
  if (removing.has(text.trim())) return null
  const items = text.split(',').map((item) => item.trim())
  if (items.every((item) => item !== '')) return items
  throw new UsageError(
    `--${name} has an empty entry`,
    `For example --${name} one,two; all removes the restriction.`,
  )
}

const removing: ReadonlySet<string> = new Set(['all', 'none', 'never', 'unlimited'])

function readTime(values: Values): string | null | undefined {
  const text = getText(values, 'expires-at')
  return text === undefined || !removing.has(text) ? text : null
}

/** The rates that are given replace the rates of the key; `none` alone removes them. */
function readRates(values: Values): PermissionsInput['rates'] | undefined {
  const entries = rateKinds.flatMap((kind) => {
    const text = getText(values, kind.replaceAll('_', '-'))
    return text === undefined ? [] : [[kind, text] as const]
  })
  if (entries.length === 0) return undefined
  const limits = entries.flatMap(([kind, text]) =>
    removing.has(text) ? [] : [[kind, readRate(kind, text)] as const],
  )
  return limits.length === 0 ? null : Object.fromEntries(limits)
}

function readRate(kind: string, text: string): number {
  const limit = Number(text)
  if (/^\d{1,15}$/.test(text) && limit >= 1) return limit
  const flag = kind.replaceAll('_', '-')
  throw new UsageError(`--${flag} must be a number from 1, or none`, `For example --${flag} 60.`)
}
