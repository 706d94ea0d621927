import { randomUUID } from 'node:crypto'

import { createEmulator } from '@anthology/emulator'
import type { Emulator } from '@anthology/emulator'
import { createAccount as createCloudAccount, createHttpUpstream, defaultLimits } from '@anthology/gateway'
import type { Config, Limits, UpstreamAccount, UpstreamConfig } from '@anthology/gateway'

import { CliError } from './command.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The options of `createAccounts`. */
export interface AccountOptions {
  readonly config: Config
  readonly live: boolean
  readonly env: Env
  readonly limits?: Limits
  /** The sockets of emulators in another process, by upstream index; if missing, emulators are created here. */
  readonly emulatorSockets?: readonly (string | null)[]
}

/**
 * Creates the accounts in the configuration or for `--live`; by default the emulator, so that a variable
 * alone never causes costs.
 */
export function createAccounts(options: AccountOptions): readonly UpstreamAccount[] {
  const limits = options.limits ?? { ...defaultLimits, ...options.config.limits }
  return listUpstreams(options).map((upstream, index) =>
    createAccount(upstream, {
      limits,
      env: options.env,
      emulatorSocket: options.emulatorSockets?.[index] ?? undefined,
    }),
  )
}

export function listUpstreams({
  config,
  live,
  env,
}: Pick<AccountOptions, 'config' | 'live' | 'env'>): readonly UpstreamConfig[] {
  return live ? [liveUpstream(env)] : (config.upstreams ?? [{ platform: 'emulator' }])
}

/** Creates an emulator from its configuration. */
export function createConfiguredEmulator({
  seed,
  tokens_per_second: tokensPerSecond,
}: Extract<UpstreamConfig, { platform: 'emulator' }>): Emulator {
  return createEmulator({
    keepRequests: false,
    idSeed: randomUUID(),
    ...(seed === undefined ? {} : { seed }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
  })
}

function createAccount(
  upstream: UpstreamConfig,
  {
    limits,
    env,
    emulatorSocket,
  }: { readonly limits: Limits; readonly env: Env; readonly emulatorSocket: string | undefined },
): UpstreamAccount {
  if (upstream.platform === 'emulator') {
    const name = upstream.name ?? 'emulator'
    if (emulatorSocket !== undefined) {
      const http = createHttpUpstream({
        baseUrl: 'http://localhost',
        credential: null,
        limits,
        socketPath: emulatorSocket,
      })
      return { name, platform: 'anthropic', upstream: http, secrets: [], close: () => http.close() }
    }
    const emulator = createConfiguredEmulator(upstream)
    const close = async () => emulator.close()
    return { name, platform: 'anthropic', upstream: emulator, secrets: [], close }
  }
  return createCloudAccount(upstream, limits, env)
}

function liveUpstream(env: Env): UpstreamConfig {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: token } = env
  if (key !== undefined && key !== '') return { platform: 'anthropic', api_key: key }
  if (token !== undefined && token !== '') return { platform: 'anthropic', auth_token: token }
  throw new CliError(
    '--live needs a Claude API credential',
    'Set ANTHROPIC_API_KEY, or leave --live out to use the emulator.',
  )
}
