import { join, relative } from 'node:path'

import { createToken, defaultLimits, isClusterWorker } from '@anthology/gateway'
import type { BuiltInKey } from '@anthology/gateway'
import { isLoopbackHost } from '@anthology/wire'

import manifest from '../../package.json' with { type: 'json' }
import { recordOptions } from '../cassette-options.ts'
import { UsageError } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { bold, dim } from '../ansi-colors.ts'
import { addConfigLocation } from '../config-location.ts'
import { createFirstCall } from '../first-call.ts'
import { invocation } from '../invocation.ts'
import { findKeyedRateProblems } from '../keyed-rates.ts'
import { listenOptions } from '../listen-options.ts'
import { createDataFlag, createSignInLink } from '../server-address.ts'
import { dataOptions, readCertificate, readSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { readRecording } from '../recording.ts'
import { readKeys, runWorker, startServer } from '../server.ts'
import type { ServePlan, Server } from '../server.ts'
import { endAfter, untilStopped } from '../stop.ts'
import { listUpstreams } from '../upstreams.ts'

export const command: Command = {
  name: 'serve',
  summary: 'Start the gateway, by default in front of the offline emulator',
  usage:
    '[--port N] [--host ADDRESS] [--data DIR] [--config FILE] [--workers N] [--live] [--strict] [--record DIR]',
  example: 'anthology serve --port 8000',
  options: {
    ...listenOptions,
    ...dataOptions,
    workers: {
      type: 'string',
      value: 'N',
      help: 'number of server processes (default: one per core, at most 4; 1 with the emulator)',
    },
    live: { type: 'boolean', help: 'call api.anthropic.com with ANTHROPIC_API_KEY: this costs money' },
    strict: { type: 'boolean', help: 'do not start if rates name a key that does not exist' },
    ...recordOptions,
    quiet: { type: 'boolean', short: 'q', help: 'do not log calls' },
  },
  withoutWords: 'See anthology serve --help.',
  async run(context, values) {
    if (isClusterWorker()) return runWorker(context)
    const settings = readSettings(context, values, 'all')
    try {
      return await serveUntilStopped(context, values, settings)
    } catch (error) {
      throw addConfigLocation(error, settings, context)
    }
  },
}

async function serveUntilStopped(context: Context, values: Values, settings: Settings): Promise<number> {
  await warnOfRates(context, settings, values['strict'] === true)
  const recording = readRecording(context, values, settings.workers)
  const linkToken = isLoopbackHost(settings.host) ? createToken() : undefined
  const plan = {
    settings,
    live: values['live'] === true,
    quiet: values['quiet'] === true,
    recording,
    linkToken,
  }
  const keys = readKeys(settings, context)
  // Installed before the greeting is printed, because its reader may stop the server at once.
  const stopped = untilStopped(
    context,
    'Stopping; running calls finish first. Press Ctrl-C again to stop at once.',
  )
  const server = await startServer(context, plan)
  try {
    const [upstream] = listUpstreams({ ...plan, config: settings.config, env: context.env })
    const facts = {
      url: server.url,
      key: shownKey(settings, keys),
      console: linkToken === undefined ? null : createSignInLink(server.url, linkToken),
      upstream: upstream?.name ?? upstream?.platform ?? '',
      data: settings.dataFolder,
      workers: server.workers,
    }
    if (values['json'] === true) context.out(JSON.stringify(facts))
    else greet(context, facts, { ...plan, server })
    await stopped
  } finally {
    const { drainMs, ledgerWaitMs } = { ...defaultLimits, ...settings.config.limits }
    // A cluster ends its workers five seconds earlier.
    endAfter(context, drainMs + ledgerWaitMs + 10_000)
    await server.close()
  }
  return 0
}

/** An entry of `rates.keys` without its key limits nobody, which is probably a typing error. */
async function warnOfRates(context: Context, settings: Settings, isStrict: boolean): Promise<void> {
  const [first, ...more] = await findKeyedRateProblems(settings, context)
  if (first === undefined) return
  if (isStrict) throw new UsageError(first.text, `${first.next} Without --strict this is a warning.`)
  for (const { text, next } of [first, ...more]) context.err(`Warning: ${text}. ${next}`)
}

/**
 * The local key is shown only if the server listens on this machine; on other addresses, clients need their
 * own keys.
 */
function shownKey(settings: Settings, [local]: readonly BuiltInKey[]): string | null {
  return isLoopbackHost(settings.host) ? (local?.secret ?? null) : null
}

interface Facts {
  readonly url: string
  readonly key: string | null
  /** A sign-in link for the console that works once; null: it is not shown on this address. */
  readonly console: string | null
  readonly upstream: string
  readonly data: string
  readonly workers: number
}

function greet(
  context: Context,
  facts: Facts,
  { settings, live, recording, server }: ServePlan & { readonly server: Server },
): void {
  const { out } = context
  const label = (text: string) => dim(text.padEnd(9), context)
  const emulated =
    !live && (settings.config.upstreams ?? [{ platform: 'emulator' }])[0]?.platform === 'emulator'
  const folder = relative(context.cwd, facts.data) || '.'
  const elsewhere = createDataFlag(context.cwd, facts.data)
  out(`${bold(`Anthology ${manifest.version}`, context)} listens on ${bold(facts.url, context)}`)
  out('')
  out(
    `  ${label('key')}${facts.key ?? `not shown on this address; create one with: ${invocation} keys create${elsewhere}`}`,
  )
  out(
    `  ${label('answers')}${emulated ? 'the offline emulator: no account, no cost, no network' : `upstream '${facts.upstream}', calls cost money`}`,
  )
  out(
    `  ${label('ledger')}${join(folder, 'anthology.sqlite')}; read it with: ${invocation} usage${elsewhere}`,
  )
  out(
    `  ${label('console')}${facts.console ?? `sign in at ${facts.url}/console/ with a link from: ${invocation} console${elsewhere}`}`,
  )
  if (facts.workers > 1) out(`  ${label('workers')}${facts.workers} processes on this port`)
  if (recording !== null) out(`  ${label('records')}into ${recording.folder}`)
  if (settings.configFile !== null) out(`  ${label('config')}${settings.configFile}`)
  if (server.abandonedCalls > 0)
    out(
      `  ${label('note')}${server.abandonedCalls} calls of an earlier process did not finish; their outcome in the ledger is 'unknown'`,
    )
  if (emulated && (context.env['ANTHROPIC_API_KEY'] ?? '') !== '') {
    out(
      `  ${label('note')}ANTHROPIC_API_KEY is set and not used; to call api.anthropic.com, start with --live`,
    )
  }
  out('')
  out('  Try it:')
  out('')
  const certificate = readCertificate(settings)
  const call = createFirstCall({ ...facts, host: settings.host, elsewhere, certificate })
  for (const line of call) out(line)
  out('')
}
