import { randomUUID } from 'node:crypto'

import { createEmulator } from '@anthology/emulator'
import {
  type Config,
  type Limits,
  type UpstreamAccount,
  type UpstreamConfig,
  createHttpUpstream,
  defaultLimits,
} from '@anthology/gateway'

import { CliError } from './command.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The accounts that the configuration or `--live` names; without either, the emulator: a variable alone never makes a call cost money. */
export function createAccounts(config: Config, live: boolean, env: Env): readonly UpstreamAccount[] {
  const limits = { ...defaultLimits, ...config.limits }
  if (live) return [createAccount(liveUpstream(env), limits)]
  return (config.upstreams ?? [{ platform: 'emulator' as const }]).map((upstream) =>
    createAccount(upstream, limits),
  )
}

function createAccount(upstream: UpstreamConfig, limits: Limits): UpstreamAccount {
  if (upstream.platform === 'emulator') {
    const { seed, tokens_per_second: tokensPerSecond } = upstream
    const emulator = createEmulator({
      keepRequests: false,
      idSeed: randomUUID(),
      ...(seed === undefined ? {} : { seed }),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    })
    const close = async () => emulator.close()
    return {
      name: upstream.name ?? 'emulator',
      platform: 'anthropic',
      upstream: emulator,
      secrets: [],
      close,
    }
  }
  const { api_key: key, auth_token: token } = upstream
  const credential =
    key !== undefined
      ? ({ header: 'x-api-key', value: key } as const)
      : token !== undefined
        ? ({ header: 'authorization', value: `Bearer ${token}` } as const)
        : null
  const baseUrl = upstream.base_url ?? 'https://api.anthropic.com'
  const http = createHttpUpstream({
    baseUrl,
    credential,
    limits,
  })
  const secrets = [key, token].filter((secret) => secret !== undefined)
  return {
    name: upstream.name ?? 'anthropic',
    platform: 'anthropic',
    upstream: http,
    secrets,
    baseUrl,
    connectionsFull: () => http.fullTimes,
    close: () => http.close(),
  }
}

function liveUpstream(env: Env): UpstreamConfig {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: token } = env
  if (key !== undefined && key !== '') return { platform: 'anthropic', api_key: key }
  if (token !== undefined && token !== '') return { platform: 'anthropic', auth_token: token }
  throw new CliError(
    '--live needs a credential of the Claude API',
    'Set ANTHROPIC_API_KEY, or leave --live out: then the emulator answers.',
  )
}
