import { createToken, defaultLimits, findConfigWarnings, isClusterWorker } from '@anthology/gateway'
import type { BuiltInKey } from '@anthology/gateway'
import { isLoopbackHost } from '@anthology/wire'

import { recordOptions } from '../cassette-options.ts'
import { UsageError } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { addConfigLocation, printLocation } from '../config-location.ts'
import { greet } from '../greeting.ts'
import type { Facts } from '../greeting.ts'
import { findKeyedRateProblems } from '../keyed-rates.ts'
import { listenOptions } from '../listen-options.ts'
import { createSignInLink, createStoreFlags } from '../server-address.ts'
import { dataOptions, readSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { readRecording } from '../recording.ts'
import { readKeys, runWorker, startServer } from '../server.ts'
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
    strict: { type: 'boolean', help: 'do not start with a configuration that is probably a mistake' },
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
  await warnOfMistakes(context, settings, values)
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
    const upstreams = listUpstreams({ ...plan, config: settings.config, env: context.env })
    const facts: Facts = {
      url: server.url,
      key: shownKey(settings, keys),
      console: linkToken === undefined ? null : createSignInLink(server.url, linkToken),
      upstream: upstreams[0]?.name ?? upstreams[0]?.platform ?? '',
      data: settings.dataFolder,
      workers: server.workers,
    }
    if (values['json'] === true) context.out(JSON.stringify(facts))
    else for (const line of greet(context, { ...plan, facts, upstreams, server })) context.out(line)
    await stopped
  } finally {
    const { drainMs, ledgerWaitMs } = { ...defaultLimits, ...settings.config.limits }
    // A cluster ends its workers five seconds earlier.
    endAfter(context, drainMs + ledgerWaitMs + 10_000)
    await server.close()
  }
  return 0
}

/** What is valid and probably a typing error, such as an entry of `rates.keys` without its key. */
async function warnOfMistakes(context: Context, settings: Settings, values: Values): Promise<void> {
  const { config } = settings
  const upstreams = listUpstreams({ config, live: values['live'] === true, env: context.env })
  const warnings = findConfigWarnings(upstreams, config, Date.now()).map(({ member, text, next }) => ({
    text: `${printLocation(member, settings, context)}${member}: ${text}`,
    next,
  }))
  const rates = await findKeyedRateProblems(settings, {
    env: context.env,
    flags: createStoreFlags(settings.chosen, settings.configFile),
  })
  const [first, ...more] = [...warnings, ...rates]
  if (first === undefined) return
  if (values['strict'] === true)
    throw new UsageError(first.text, `${first.next} Without --strict this is a warning.`)
  for (const { text, next } of [first, ...more]) context.err(`Warning: ${text}. ${next}`)
}

/**
 * The local key is shown only if the server listens on this machine; on other addresses, clients need their
 * own keys.
 */
function shownKey(settings: Settings, [local]: readonly BuiltInKey[]): string | null {
  return isLoopbackHost(settings.host) ? (local?.secret ?? null) : null
}
