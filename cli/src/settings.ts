import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import { createSecureContext } from 'node:tls'

import { describeUpgrade, isPostgresUrl, parseConfig } from '@anthology/gateway'
import type { Config, OnUpgrade, UnsetReference } from '@anthology/gateway'

import { CliError, UsageError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { defaultPort, readHost, readPort } from './listen-options.ts'
import { resolvePathOnly } from './store-location.ts'
import { explainSystemError } from './system-error.ts'
import { readTextFile } from './text-file.ts'

/** The server's settings. A flag overrides a variable, which overrides the file, which overrides the default. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  /** The URL of a PostgreSQL that holds the tables; undefined: SQLite in the data folder. */
  readonly store: string | undefined
  /** The URL of its read replica for reports; undefined: the store itself. */
  readonly storeRead: string | undefined
  /** The number of processes that serve the port; null if it is not configured. */
  readonly workers: number | null
  readonly config: Config
  /** The values above with their sources. */
  readonly chosen: ChosenSettings
  /** The configuration's path, if one was read. */
  readonly configFile: string | null
}

/** The configured certificate and key: their text, and the certificate's file. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
  readonly file: string
}

export function readCertificate({
  config,
  configFile,
}: Pick<Settings, 'config' | 'configFile'>): CertificateFiles | undefined {
  if (config.tls === undefined) return undefined
  const locate = (file: string) => resolvePath(configFile === null ? '.' : dirname(configFile), file)
  const read = (path: string, name: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      const why = explainSystemError(error)?.message ?? String(error)
      throw new UsageError(`the TLS ${name} cannot be read: ${why}`, 'Configure a readable PEM file.')
    }
  }
  const file = locate(config.tls.certificate)
  const [certificate, key] = [read(file, 'certificate'), read(locate(config.tls.key), 'key')]
  try {
    createSecureContext({ cert: certificate, key })
  } catch (error) {
    throw new UsageError(
      `the TLS certificate ${file} and its key cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      'Configure a PEM certificate and the PEM private key that belongs to it.',
    )
  }
  return { certificate, key, file }
}

export const dataOptions = {
  data: {
    type: 'string',
    value: 'DIR',
    help: 'folder of the ledger and the keys (ANTHOLOGY_DATA, default ./.anthology)',
  },
  store: {
    type: 'string',
    value: 'URL',
    help: 'PostgreSQL that holds ledger and keys (ANTHOLOGY_STORE, default SQLite in the data folder)',
  },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'configuration file (default anthology.yaml, if it exists)',
  },
} as const satisfies Record<string, Option>

/** The settings that a command uses; `all` to call upstreams. */
export type UsedSettings = 'all' | readonly (keyof ChosenSettings)[]

/**
 * Reads the settings. The configuration may refer to environment variables that are not set, such as the
 * secrets of upstreams, in members that the command does not use.
 */
export function readSettings(
  context: Pick<Context, 'cwd' | 'env'>,
  values: Values,
  used: UsedSettings,
): Settings {
  const { config, file, unset } = readConfig(context, getText(values, 'config'))
  const chosen = chooseSettings(context, values, config)
  const isUsed = ({ member }: UnsetReference): boolean =>
    used === 'all' || used.some((name) => name === member && chosen[name].from === fromFile)
  const missing = unset.find(isUsed)
  if (missing !== undefined)
    throw new CliError(missing.message, `Set ${missing.variable}, or change ${missing.member} in the file.`)
  return {
    port: chosen.port.value,
    host: chosen.host.value,
    dataFolder: resolvePathOnly(context, chosen.data.value, 'the data folder must be a path, not a URL'),
    store: chosen.store.value,
    storeRead: chosen.store.from === fromFile ? config.store_read : undefined,
    workers: chosen.workers.value ?? null,
    config,
    chosen,
    configFile: file,
  }
}

/** The settings of a command that opens the store, and shows how far it is if the store is an older one. */
export interface StoreSettings extends Settings {
  readonly onUpgrade: OnUpgrade
}

export function readStoreSettings(
  context: Context,
  values: Values,
  used: UsedSettings = ['data', 'store'],
): StoreSettings {
  return {
    ...readSettings(context, values, used),
    onUpgrade: (progress) => context.err(describeUpgrade(progress)),
  }
}

export const fromFile = 'the configuration'

/** The data folder without a setting. */
export const defaultData = '.anthology'

/** A setting and its source: a flag, a variable, the configuration, or `default`. */
export interface Chosen<T> {
  readonly value: T
  readonly from: string
}

export interface ChosenSettings {
  readonly port: Chosen<number>
  readonly host: Chosen<string>
  readonly data: Chosen<string>
  readonly store: Chosen<string | undefined>
  readonly workers: Chosen<number | undefined>
}

/** Returns the first source that has the setting. */
export function chooseSettings(
  { env }: Pick<Context, 'env'>,
  values: Values,
  config: Config,
): ChosenSettings {
  return {
    port: first([
      [readPort(getText(values, 'port')), '--port'],
      [readPort(env['ANTHOLOGY_PORT']), 'ANTHOLOGY_PORT'],
      [config.port, fromFile],
    ]) ?? { value: defaultPort, from: 'default' },
    host: first([
      [readHost(getText(values, 'host')), '--host'],
      [readHost(config.host), fromFile],
    ]) ?? { value: '127.0.0.1', from: 'default' },
    data: first([
      [getText(values, 'data'), '--data'],
      // An empty variable counts as unset; as a path it would mean the working folder.
      [env['ANTHOLOGY_DATA'] || undefined, 'ANTHOLOGY_DATA'],
      [config.data, fromFile],
    ]) ?? { value: defaultData, from: 'default' },
    store: first([
      [readStore(getText(values, 'store')), '--store'],
      [readStore(env['ANTHOLOGY_STORE'] || undefined), 'ANTHOLOGY_STORE'],
      [config.store, fromFile],
    ]) ?? { value: undefined, from: 'default' },
    workers: first([
      [readWorkers(getText(values, 'workers')), '--workers'],
      [config.workers, fromFile],
    ]) ?? { value: undefined, from: 'default' },
  }
}

function first<T>(places: readonly (readonly [value: T | undefined, from: string])[]): Chosen<T> | undefined {
  for (const [value, from] of places) if (value !== undefined) return { value, from }
  return undefined
}

function readStore(text: string | undefined): string | undefined {
  if (text === undefined || isPostgresUrl(text)) return text
  throw new UsageError(
    'the store must be a postgres:// URL',
    'For example --store postgres://user@host/anthology; leave it out for SQLite in the data folder.',
  )
}

export const maxWorkers = 64

function readWorkers(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const workers = Number(text)
  if (/^\d{1,2}$/.test(text) && workers >= 1 && workers <= maxWorkers) return workers
  throw new UsageError(
    `--workers must be a number from 1 to ${maxWorkers}, not ${JSON.stringify(text)}`,
    'Leave it out for one per core, at most four.',
  )
}

/** A configuration, its path if there is a file, and its references to variables that are not set. */
export interface ReadConfig {
  readonly config: Config
  readonly file: string | null
  readonly unset: readonly UnsetReference[]
}

export function readConfig(context: Pick<Context, 'cwd' | 'env'>, named: string | undefined): ReadConfig {
  const file = named ?? 'anthology.yaml'
  const path = resolvePath(context.cwd, file)
  if (!existsSync(path)) {
    if (named === undefined) return { config: {}, file: null, unset: [] }
    throw new UsageError(`there is no file ${file}`, 'Give an existing file with --config, or leave it out.')
  }
  const unset: UnsetReference[] = []
  const config = parseConfig(readTextFile(path), file, context.env, (found) => unset.push(found))
  return { config, file, unset }
}

/** The configured folder for rows that the data folder cannot take; undefined: the gateway's default. */
export function findEmergencyFolder(config: Config, { cwd }: Pick<Context, 'cwd'>): string | undefined {
  return config.emergency_folder === undefined ? undefined : resolvePath(cwd, config.emergency_folder)
}

/** `bodies` with its folder relative to the current one. */
export function readBodies({ bodies }: Config, { cwd }: Pick<Context, 'cwd'>): Config['bodies'] {
  if (bodies?.folder === undefined) return bodies
  return { ...bodies, folder: resolvePath(cwd, bodies.folder) }
}
