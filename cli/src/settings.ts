import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'

import { parseConfig } from '@anthology/gateway'
import type { Config } from '@anthology/gateway'

import { UsageError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'

/** The server's settings. A flag overrides a variable, which overrides the file, which overrides the default. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  /** The number of processes that serve the port; null if it is not configured. */
  readonly workers: number | null
  readonly config: Config
  /** The configuration's path, if one was read. */
  readonly configFile: string | null
}

/** The text of the configured certificate and key files. */
export function readCertificate({
  config,
  configFile,
}: Settings): { certificate: string; key: string } | undefined {
  if (config.tls === undefined) return undefined
  const read = (file: string, what: string): string => {
    const path = resolvePath(configFile === null ? '.' : dirname(configFile), file)
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new UsageError(`the TLS ${what} cannot be read: ${why}`, 'Configure a readable PEM file.')
    }
  }
  return { certificate: read(config.tls.certificate, 'certificate'), key: read(config.tls.key, 'key') }
}

export const dataOptions = {
  data: {
    type: 'string',
    value: 'DIR',
    help: 'folder of the ledger and the keys (ANTHOLOGY_DATA, default ./.anthology)',
  },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'configuration file (default anthology.yaml, if it exists)',
  },
} as const satisfies Record<string, Option>

const defaultPort = 7171

export const listenOptions = {
  port: {
    type: 'string',
    value: 'N',
    help: `port to listen on (ANTHOLOGY_PORT, default ${defaultPort})`,
  },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
} as const satisfies Record<string, Option>

export function readSettings(context: Context, values: Values): Settings {
  const { config, file } = readConfig(context, getText(values, 'config'))
  const { port, host, data } = chooseSettings(context, values, config)
  return {
    port: port.value,
    host: host.value,
    dataFolder: resolvePath(context.cwd, data.value),
    workers: readWorkers(getText(values, 'workers')) ?? config.workers ?? null,
    config,
    configFile: file,
  }
}

/** A setting and its source. */
export interface Chosen<T> {
  readonly value: T
  readonly from: string
}

export interface ChosenSettings {
  readonly port: Chosen<number>
  readonly host: Chosen<string>
  readonly data: Chosen<string>
}

/** Returns the first source that has the setting. */
export function chooseSettings(
  { env }: Pick<Context, 'env'>,
  values: Values,
  config: Config,
): ChosenSettings {
  const file = 'the configuration'
  return {
    port: first([
      [readPort(getText(values, 'port')), '--port'],
      [readPort(env['ANTHOLOGY_PORT']), 'ANTHOLOGY_PORT'],
      [config.port, file],
    ]) ?? { value: defaultPort, from: 'default' },
    host: first([
      [getText(values, 'host'), '--host'],
      [config.host, file],
    ]) ?? { value: '127.0.0.1', from: 'default' },
    data: first([
      [getText(values, 'data'), '--data'],
      // An empty variable counts as unset; as a path it would mean the working folder.
      [env['ANTHOLOGY_DATA'] || undefined, 'ANTHOLOGY_DATA'],
      [config.data, file],
    ]) ?? { value: '.anthology', from: 'default' },
  }
}

function first<T>(places: readonly (readonly [value: T | undefined, from: string])[]): Chosen<T> | undefined {
  for (const [value, from] of places) if (value !== undefined) return { value, from }
  return undefined
}

export function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError(
    `${JSON.stringify(text)} is not a port`,
    'A port is a number from 0 to 65535; 0 selects a free one.',
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

/** The effective configuration, and its path if there is one. */
export function readConfig(
  context: Pick<Context, 'cwd' | 'env'>,
  named: string | undefined,
): { readonly config: Config; readonly file: string | null } {
  const file = named ?? 'anthology.yaml'
  const path = resolvePath(context.cwd, file)
  if (!existsSync(path)) {
    if (named === undefined) return { config: {}, file: null }
    throw new UsageError(`there is no file ${file}`, 'Give an existing file with --config, or leave it out.')
  }
  return { config: parseConfig(readFileSync(path, 'utf8'), file, context.env), file }
}
