import { join, relative } from 'node:path'

import { type AwsPair, type BuiltInKey, type Gateway, createGateway, readLocalKey } from '@anthology/gateway'

import manifest from '../../package.json' with { type: 'json' }
import type { Command, Context } from '../command.ts'
import { bold, dim } from '../ink.ts'
import { invocation } from '../invocation.ts'
import { createCallLog } from '../call-log.ts'
import { type Settings, dataOptions, listenOptions, readSettings } from '../settings.ts'
import { untilStopped } from '../stop.ts'
import { chooseTelemetry } from '../telemetry.ts'
import { createAccounts } from '../upstreams.ts'

export const command: Command = {
  name: 'serve',
  summary: 'Start the gateway; unconfigured, the offline emulator answers',
  usage: '[--port N] [--host ADDRESS] [--data DIR] [--config FILE] [--live]',
  example: 'anthology serve --port 8000',
  options: {
    ...listenOptions,
    ...dataOptions,
    live: { type: 'boolean', help: 'call api.anthropic.com with ANTHROPIC_API_KEY: this costs money' },
    quiet: { type: 'boolean', short: 'q', help: 'no line per call' },
  },
  async run(context, values) {
    // From the first moment on: whoever reads the greeting may stop us at once.
    const stopped = untilStopped(context)
    const settings = readSettings(context, values)
    const { config } = settings
    const live = values['live'] === true
    const accounts = createAccounts(config, live, context.env)
    const keys = readKeys(settings, context)
    const gateway = await createGateway({
      accounts,
      keys,
      rootSecret: context.env['ANTHOLOGY_ROOT_SECRET'],
      dataFolder: settings.dataFolder,
      preflight: config.preflight ?? true,
      durability: config.durability ?? 'process',
      limits: config.limits ?? {},
      telemetry: chooseTelemetry(config, context.env),
      ...(values['quiet'] === true ? {} : { log: createCallLog(context) }),
    })
    try {
      const { url } = await gateway.listen(settings.port, settings.host)
      const [upstream] = accounts
      const facts = {
        url,
        key: shownKey(settings, keys),
        upstream: upstream?.name ?? '',
        data: settings.dataFolder,
      }
      if (values['json'] === true) context.out(JSON.stringify(facts))
      else greet(context, facts, { settings, live, gateway })
      await stopped
    } finally {
      await gateway.close()
    }
    return 0
  },
}

function readKeys(settings: Settings, context: Context): readonly BuiltInKey[] {
  const local = { id: 'local', name: 'local key', secret: readLocalKey(settings.dataFolder) }
  const secret = context.env['ANTHOLOGY_KEY'] || undefined
  const aws = readPair(context)
  if (secret === undefined && aws === undefined) return [local]
  const name = secret === undefined ? 'ANTHOLOGY_AWS_ACCESS_KEY_ID' : 'ANTHOLOGY_KEY'
  return [local, { id: 'env', name, secret, aws }]
}

/** The first pair for clients of AWS: kept in memory, and another face of `ANTHOLOGY_KEY` where both are set. */
function readPair({ env }: Context): AwsPair | undefined {
  const [accessKeyId, secretAccessKey] = [
    env['ANTHOLOGY_AWS_ACCESS_KEY_ID'] ?? '',
    env['ANTHOLOGY_AWS_SECRET_ACCESS_KEY'] ?? '',
  ]
  return accessKeyId === '' || secretAccessKey === '' ? undefined : { accessKeyId, secretAccessKey }
}

/** The local key is for this machine only: whoever listens elsewhere makes keys for others and keeps this one to himself. */
function shownKey(settings: Settings, [local]: readonly BuiltInKey[]): string | null {
  return settings.host === '127.0.0.1' ? (local?.secret ?? null) : null
}

interface Facts {
  readonly url: string
  readonly key: string | null
  readonly upstream: string
  readonly data: string
}

function greet(
  context: Context,
  facts: Facts,
  { settings, live, gateway }: { settings: Settings; live: boolean; gateway: Gateway },
): void {
  const { out } = context
  const label = (text: string) => dim(text.padEnd(9), context)
  const emulated =
    !live && (settings.config.upstreams ?? [{ platform: 'emulator' }])[0]?.platform === 'emulator'
  const folder = relative(context.cwd, facts.data)
  const elsewhere = folder === '.anthology' ? '' : ` --data ${folder}`
  out(`${bold(`Anthology ${manifest.version}`, context)} listens on ${bold(facts.url, context)}`)
  out('')
  out(
    `  ${label('key')}${facts.key ?? `not shown on this address; make one with: ${invocation} keys create`}`,
  )
  out(
    `  ${label('answers')}${emulated ? 'the offline emulator: no account, no cost, no network' : `upstream '${facts.upstream}', calls cost money`}`,
  )
  out(
    `  ${label('ledger')}${join(folder, 'anthology.sqlite')}, read it with: ${invocation} usage${elsewhere}`,
  )
  if (settings.configFile !== null) out(`  ${label('config')}${settings.configFile}`)
  if (gateway.abandonedCalls > 0)
    out(
      `  ${label('note')}${gateway.abandonedCalls} calls of an earlier process had no end; they are 'unknown' in the ledger`,
    )
  if (emulated && (context.env['ANTHROPIC_API_KEY'] ?? '') !== '') {
    out(
      `  ${label('note')}ANTHROPIC_API_KEY is set and not used; to call api.anthropic.com, start with --live`,
    )
  }
  out('')
  out('  Try it:')
  out('')
  out(curlLine(facts))
  out('')
}

/** One line that works when pasted into a POSIX shell. */
function curlLine({ url, key }: Facts): string {
  const body = {
    model: 'claude-opus-4-1',
    max_tokens: 256,
    messages: [{ role: 'user', content: 'Hello, Claude' }],
  }
  const headers = [
    `x-api-key: ${key ?? 'YOUR-KEY'}`,
    'anthropic-version: 2023-06-01',
    'content-type: application/json',
  ]
  return `curl ${url}/v1/messages ${headers.map((header) => `-H '${header}'`).join(' ')} -d '${JSON.stringify(body)}'`
}
