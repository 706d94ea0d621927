import { isWeakSecret, minRedactedLength } from '@anthology/gateway'
import type { Config } from '@anthology/gateway'
import { isLoopbackHost } from '@anthology/wire'

import type { Context } from '../command.ts'
import { fail, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** Finds secrets of the server that can be guessed. Their values are never printed. */
export function inspectSecrets({ env }: Pick<Context, 'env'>, host: string): readonly Finding[] {
  const weak = ownSecrets.filter((name) => (env[name] ?? '') !== '' && isWeakSecret(env[name] ?? ''))
  return weak.map((name) => {
    const text = `${name} can be guessed: it is short, or has few different characters, or is a placeholder`
    const next = `Set ${name} to a random value, e.g. of openssl rand -hex 32.`
    return isLoopbackHost(host)
      ? warn('Keys', name, [text, next])
      : fail('Keys', name, [`${text}, and other machines reach ${host}`, next])
  })
}

const ownSecrets = [
  'ANTHOLOGY_KEY',
  'ANTHOLOGY_ADMIN_KEY',
  'ANTHOLOGY_AWS_SECRET_ACCESS_KEY',
  'ANTHOLOGY_ROOT_SECRET',
]

/** Finds upstreams whose credential is missing, or too short to be hidden. */
export function inspectCredentials({ upstreams = [] }: Config): readonly Finding[] {
  return upstreams.flatMap((upstream) => {
    // The clouds have credentials of their own outside the configuration.
    if (upstream.platform !== 'anthropic') return []
    const name = upstream.name ?? upstream.platform
    const credential = upstream.api_key ?? upstream.auth_token
    if (credential === undefined)
      return upstream.base_url === undefined
        ? [
            fail('Upstreams', name, [
              'it has neither api_key nor auth_token, and api.anthropic.com needs one',
              'Set api_key in the configuration.',
            ]),
          ]
        : []
    if (credential.length >= minRedactedLength) return []
    return [
      warn('Upstreams', name, [
        `its credential is too short to be hidden in logs and answers (length ${credential.length})`,
        'This is right for a local engine that ignores it; for others, set the real one.',
      ]),
    ]
  })
}
