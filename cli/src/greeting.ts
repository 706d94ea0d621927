import { join, relative } from 'node:path'

import { describeUrl } from '@anthology/gateway'
import type { UpstreamConfig } from '@anthology/gateway'

import manifest from '../package.json' with { type: 'json' }
import { bold, dim } from './ansi-colors.ts'
import type { Context } from './command.ts'
import { createFirstCall } from './first-call.ts'
import { invocation } from './invocation.ts'
import { formatNumber } from './number-format.ts'
import { createStoreFlags } from './server-address.ts'
import type { ServePlan, Server } from './server.ts'
import { readCertificate } from './settings.ts'

/** The members that a start prints as JSON. */
export interface Facts {
  readonly url: string
  readonly key: string | null
  /** A sign-in link for the console that works once; null: it is not shown on this address. */
  readonly console: string | null
  /** The first upstream. */
  readonly upstream: string
  readonly data: string
  readonly workers: number
}

interface Greeted extends Pick<ServePlan, 'settings' | 'recording'> {
  readonly facts: Facts
  readonly upstreams: readonly UpstreamConfig[]
  readonly server: Pick<Server, 'abandonedCalls'>
}

/** What a start prints for people: where the server is, what answers, and a first call to paste. */
export function greet(
  context: Pick<Context, 'cwd' | 'env' | 'color'>,
  { settings, recording, facts, upstreams, server }: Greeted,
): readonly string[] {
  const line = (label: string, text: string) => `  ${dim(label.padEnd(9), context)}${text}`
  const flags = createStoreFlags(settings.chosen, settings.configFile)
  const isEmulated = upstreams.every(({ platform }) => platform === 'emulator')
  const { abandonedCalls } = server
  return [
    `${bold(`Anthology ${manifest.version}`, context)} listens on ${bold(facts.url, context)}`,
    '',
    line('key', facts.key ?? `not shown on this address; create one with: ${invocation} keys create${flags}`),
    line(
      'answers',
      isEmulated ? 'the offline emulator: no account, no cost, no network' : listNames(upstreams),
    ),
    line('ledger', `${locateLedger(settings, context)}; read it with: ${invocation} usage${flags}`),
    line(
      'console',
      facts.console ?? `sign in at ${facts.url}/console/ with a link from: ${invocation} console${flags}`,
    ),
    ...(facts.workers > 1 ? [line('workers', `${facts.workers} processes on this port`)] : []),
    ...(recording === null ? [] : [line('records', `into ${recording.folder}`)]),
    ...(settings.configFile === null ? [] : [line('config', settings.configFile)]),
    ...(abandonedCalls === 0
      ? []
      : [
          line(
            'note',
            `${formatNumber(abandonedCalls, 'call')} of an earlier process did not finish: the outcome in the ledger is 'unknown'`,
          ),
        ]),
    ...(isEmulated && (context.env['ANTHROPIC_API_KEY'] ?? '') !== ''
      ? [line('note', 'ANTHROPIC_API_KEY is set and not used; to call api.anthropic.com, start with --live')]
      : []),
    '',
    '  Try it:',
    '',
    ...createFirstCall({
      ...facts,
      host: settings.host,
      elsewhere: flags,
      certificate: readCertificate(settings),
    }),
    '',
  ]
}

function locateLedger({ store, dataFolder }: ServePlan['settings'], { cwd }: Pick<Context, 'cwd'>): string {
  return store === undefined ? join(relative(cwd, dataFolder) || '.', 'anthology.sqlite') : describeUrl(store)
}

function listNames(upstreams: readonly UpstreamConfig[]): string {
  const names = upstreams.map(({ name, platform }) => name ?? platform)
  const shown = names.slice(0, maxNames)
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  const isFree = upstreams.every((each) => each.platform === 'emulator' || each.price === 'free')
  const cost = isFree ? 'calls cost nothing' : 'calls cost money'
  return `upstream${names.length > 1 ? 's' : ''} ${shown.join(', ')}${more}; ${cost}`
}

const maxNames = 6
