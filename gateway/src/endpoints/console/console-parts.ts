import { createConsoleSessions } from '../../auth/console-sessions.ts'
import type { ConsoleSessions } from '../../auth/console-sessions.ts'
import { createOidcProvider } from '../../auth/oidc.ts'
import type { ProxyChoice } from '../../upstreams/proxies/choose-proxy.ts'
import type { OidcConfig, OidcProvider } from '../../auth/oidc.ts'
import type { Database } from '../../store/database.ts'
import { createStaticFiles } from './static-files.ts'
import type { StaticFiles } from './static-files.ts'

/** The parts of the gateway that only the console needs. */
export interface ConsoleParts {
  readonly sessions: ConsoleSessions
  /** Stores the link that the starting process prints. */
  start(): Promise<void>
  readonly files: StaticFiles
  /** The configuration of the server, with its secrets; null if it is not known. */
  readonly config: object | null
  /** The settings that the server runs with, for the page of settings. */
  readonly settings: readonly EffectiveSetting[]
  readonly isEmulated: boolean
  /** The provider that signs users in; null: none. */
  readonly oidc: OidcProvider | null
  /** The address of this server as browsers reach it; null: as they state it. */
  readonly publicUrl: string | null
}

/** A setting that the server runs with, without secrets. */
export interface EffectiveSetting {
  /** As in anthology.yaml, with dots. */
  readonly name: string
  readonly value: string | number | boolean | readonly string[]
  readonly source: 'default' | 'file' | 'flag' | 'environment'
  /** The file, the flag or the variable; null for a default. */
  readonly origin: string | null
}

export interface ConsoleOptions {
  /** The folder of the built files. */
  readonly folder?: string | undefined
  /** The token of a one-time link that the starting process prints. */
  readonly linkToken?: string | undefined
  readonly oidc?: OidcConfig | undefined
  readonly publicUrl?: string | undefined
  /** The configuration, which the settings show without its secrets. */
  readonly config?: object | undefined
  /** The settings that the server runs with, each with its source. Default: none are shown. */
  readonly settings?: readonly EffectiveSetting[] | undefined
  /** The only upstream is the offline emulator. */
  readonly isEmulated?: boolean | undefined
}

export function createConsole(
  options: ConsoleOptions,
  {
    database,
    nowMs,
    proxies,
  }: { readonly database: Database; readonly nowMs: () => number; readonly proxies: ProxyChoice },
): ConsoleParts {
  const sessions = createConsoleSessions(database, nowMs)
  const { linkToken } = options
  return {
    sessions,
    start: async () => (linkToken === undefined ? undefined : sessions.addLink(linkToken)),
    files: createStaticFiles(options.folder),
    config: options.config ?? null,
    settings: options.settings ?? [],
    isEmulated: options.isEmulated ?? false,
    oidc: options.oidc === undefined ? null : createOidcProvider(options.oidc, proxies),
    publicUrl: options.publicUrl ?? null,
  }
}
