import { resolve as resolvePath } from 'node:path'

import { createRecorder, openCassettes } from '@anthology/emulator'
import type { UpstreamAccount } from '@anthology/gateway'

import { asUsage, checkCi } from './cassette-options.ts'
import { UsageError, getText, listTexts } from './command.ts'
import type { Context, Values } from './command.ts'

/** Where a gateway records what its upstreams answer. */
export interface Recording {
  readonly folder: string
  /** Further patterns to redact. */
  readonly patterns: readonly string[]
  /** Whether the bodies of requests are kept. */
  readonly bodies: boolean
}

/** Reads `--record` of the gateway; null if it is not given. */
export function readRecording(context: Context, values: Values, workers: number | null): Recording | null {
  const folder = getText(values, 'record')
  const patterns = listTexts(values, 'redact')
  if (folder === undefined) {
    const orphan = ['redact', 'record-bodies', 'record-in-ci'].find((name) => values[name] !== undefined)
    if (orphan !== undefined)
      throw new UsageError(`--${orphan} needs --record`, 'For example --record cassettes.')
    return null
  }
  checkCi(context, values)
  if (workers !== null && workers > 1)
    throw new UsageError('--record needs one server process', 'Leave workers out, or set it to 1.')
  return { folder, patterns, bodies: values['record-bodies'] === true }
}

/** Puts a recorder in front of each account. Credentials that an account adds are redacted in what it answers. */
export function recordAccounts(
  accounts: readonly UpstreamAccount[],
  recording: Recording | null,
  { cwd, err }: Context,
): readonly UpstreamAccount[] {
  if (recording === null) return accounts
  return asUsage(() => {
    const cassettes = openCassettes(resolvePath(cwd, recording.folder), { create: true })
    return accounts.map((account) => ({
      ...account,
      upstream: createRecorder(account.upstream, {
        cassettes,
        secrets: account.secrets,
        patterns: recording.patterns,
        bodies: recording.bodies,
        warn: (message) => err(`Warning: ${message}`),
      }),
    }))
  })
}
