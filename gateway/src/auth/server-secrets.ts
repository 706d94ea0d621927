import { isLoopbackHost } from '@anthology/wire'

import { GatewayError } from '../errors.ts'
import { minRedactedLength } from '../log.ts'
import type { Log } from '../log.ts'
import type { TelemetryConfig } from '../telemetry/tracing.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { BuiltInKey } from './key-ring.ts'
import { findWeakSecrets } from './weak-secret.ts'

/** The options of a gateway that are secrets, or contain them. */
interface ServerSecrets {
  readonly keys?: readonly BuiltInKey[]
  readonly adminKey?: string | undefined
  readonly rootSecret?: string | undefined
  readonly accounts: readonly UpstreamAccount[]
  readonly telemetry?: TelemetryConfig
  /** Set in a cluster worker, of which the first one reports. */
  readonly worker?: { readonly number: number } | undefined
}

/** A credential that may be an ordinary word is not redacted: in a response it would replace that word. */
export function reportShortSecrets(accounts: readonly UpstreamAccount[], log: Log): void {
  for (const { name, secrets } of accounts) {
    if (secrets.every((secret) => secret.length >= minRedactedLength)) continue
    const message = `the credential of upstream '${name}' has fewer than ${minRedactedLength} characters, so it is not redacted`
    log({ level: 'warn', event: 'short_credential', upstream: name, message })
  }
}

/** Rejects secrets that can be guessed where other machines can try them, and warns of them elsewhere. */
export function checkSecrets({ keys = [], worker, ...secrets }: ServerSecrets, host: string, log: Log): void {
  for (const name of findWeakSecrets(keys, secrets)) {
    const message = `${name} is easy to guess`
    if (!isLoopbackHost(host))
      throw new GatewayError('weak_secret', `${message}, and other machines can reach ${host}`)
    if (worker === undefined || worker.number === 0) log({ level: 'warn', event: 'weak_secret', message })
  }
}

/** The secrets that are redacted in the log. */
export function listSecrets({
  keys = [],
  adminKey = '',
  accounts,
  telemetry,
}: ServerSecrets): readonly string[] {
  return [
    adminKey,
    ...keys.flatMap(({ secret, aws }) => [secret ?? '', aws?.secretAccessKey ?? '']),
    ...accounts.flatMap((account) => account.secrets),
    ...Object.values(telemetry?.otlp_headers ?? {}),
  ]
}
