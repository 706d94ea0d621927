import { describeUrl } from '@anthology/gateway'
import type { Config, EffectiveSetting, UpstreamConfig } from '@anthology/gateway'

import type { Context } from './command.ts'
import { fromFile } from './settings.ts'
import type { Chosen, Settings } from './settings.ts'
import { chooseTelemetry, telemetryVariable } from './telemetry.ts'
import { listUpstreams } from './upstreams.ts'

type Value = EffectiveSetting['value']

interface EffectiveOptions {
  readonly settings: Pick<Settings, 'config' | 'chosen' | 'configFile' | 'dataFolder'>
  readonly live: boolean
  /** The number of processes that serve the port. */
  readonly workers: number
}

/** The settings that the server runs with and the source of each, without any secret: what the console shows. */
export function listEffectiveSettings(
  { env }: Pick<Context, 'env'>,
  { settings, live, workers }: EffectiveOptions,
): readonly EffectiveSetting[] {
  const { config, chosen, configFile } = settings
  const describe = (name: string, value: Value, { from }: Pick<Chosen<unknown>, 'from'>) => ({
    name,
    value: Array.isArray(value) ? shorten(value) : value,
    ...describeSource(from, configFile),
  })
  const { store, port, host, data } = chosen
  const upstreams = listUpstreams({ config, live, env }).map(printUpstream)
  const traces = chooseTelemetry(config, env).otlp_endpoint
  return [
    describe('port', port.value, port),
    describe('host', host.value, host),
    describe('data', settings.dataFolder, data),
    describe(
      'store',
      store.value === undefined ? 'SQLite in the data folder' : describeUrl(store.value),
      store,
    ),
    describe('workers', workers, chosen.workers),
    describe('upstreams', upstreams, live ? { from: '--live' } : fromFileIf(config.upstreams)),
    describe(
      'telemetry.otlp_endpoint',
      traces === undefined ? 'off' : printOrigin(traces),
      (env[telemetryVariable] ?? '') === '' ? fromFileIf(traces) : { from: telemetryVariable },
    ),
    ...fileSettings.map(([name, read, usual]) => {
      const value = read(config)
      return describe(name, value ?? usual, fromFileIf(value))
    }),
    ...listVariables(env).map(({ name, value, from }) => describe(name, value, { from })),
  ]
}

/** The settings that only the file has, with their defaults. */
const fileSettings: readonly (readonly [string, (config: Config) => Value | undefined, usual: Value])[] = [
  ['tls', ({ tls }) => tls?.certificate, 'off'],
  ['hosts', ({ hosts }) => hosts, []],
  ['cors_origins', ({ cors_origins: origins }) => origins, []],
  ['trusted_proxies', ({ trusted_proxies: proxies }) => proxies, []],
  ['store_read', ({ store_read: url }) => url && describeUrl(url), 'the store'],
  ['durability', ({ durability }) => durability, 'process'],
  ['emergency_folder', ({ emergency_folder: folder }) => folder, 'in the temporary folder of the system'],
  ['retention.calls', ({ retention }) => retention?.calls, 'forever'],
  ['retention.rollups', ({ retention }) => retention?.rollups, 'forever'],
  ['bodies', ({ bodies }) => bodies && printBodies(bodies), 'off'],
  ['cut_revoked_calls', (config) => config.cut_revoked_calls, true],
  ['validate_requests', (config) => config.validate_requests, true],
  ['tag_blocks', (config) => config.tag_blocks, true],
  ['routing.groups', ({ routing }) => routing?.groups?.map((group) => group.join(', ')), []],
  ['routing.weights', ({ routing }) => routing?.weights && printPairs(routing.weights), []],
  ['routing.aliases', ({ routing }) => routing?.aliases && Object.keys(routing.aliases), []],
  ['routing.models', ({ routing }) => routing?.models && Object.keys(routing.models), []],
  ['routing.fallbacks', ({ routing }) => routing?.fallbacks && printPairs(routing.fallbacks), []],
  ['routing.circuit', ({ routing }) => routing?.circuit && printPairs(routing.circuit), []],
  ['rates', ({ rates }) => rates && printRates(rates), []],
  [
    'budgets',
    ({ budgets }) => budgets?.map(({ scope, limit, window }) => `${scope}: ${limit} USD, ${window}`),
    [],
  ],
  ['fallback_price', ({ fallback_price: price }) => price && printPrice(price), []],
  ['labels', ({ labels }) => labels, []],
  ['workspaces', ({ workspaces }) => workspaces?.map(({ name }) => name), []],
  ['webhooks', ({ webhooks }) => webhooks?.map(({ url }) => printOrigin(url)), []],
  ['console.url', (config) => config.console?.url && printOrigin(config.console.url), 'as browsers state it'],
  ['console.oidc', (config) => config.console?.oidc && printOrigin(config.console.oidc.issuer), 'off'],
]

/** Secrets of the server that a variable may have. They have no value here. */
function listVariables(env: Context['env']) {
  return [
    ['admin key', 'ANTHOLOGY_ADMIN_KEY', 'in the data folder'],
    ['root secret', 'ANTHOLOGY_ROOT_SECRET', 'in the data folder'],
    ['key of the environment', 'ANTHOLOGY_KEY', 'none'],
  ].map(([name = '', variable = '', usual = '']) =>
    (env[variable] ?? '') === ''
      ? { name, value: usual, from: 'default' }
      : { name, value: 'set, not shown', from: variable },
  )
}

const maxItems = 20

function shorten(items: readonly string[]): readonly string[] {
  return items.length <= maxItems
    ? items
    : [...items.slice(0, maxItems), `and ${items.length - maxItems} more`]
}

function fromFileIf(value: unknown): { readonly from: string } {
  return { from: value === undefined ? 'default' : fromFile }
}

function describeSource(
  from: string,
  configFile: string | null,
): Pick<EffectiveSetting, 'source' | 'origin'> {
  if (from === 'default') return { source: 'default', origin: null }
  if (from.startsWith('--')) return { source: 'flag', origin: from }
  if (/^[A-Z_]+$/.test(from)) return { source: 'environment', origin: from }
  return { source: 'file', origin: configFile }
}

function printUpstream(upstream: UpstreamConfig): string {
  const { platform, name = platform } = upstream
  const region =
    platform === 'bedrock' ? upstream.region : platform === 'vertex' ? upstream.location : undefined
  return `${name}: ${platform}${region === undefined ? '' : `, ${region}`}`
}

function printPairs(pairs: object): readonly string[] {
  return Object.entries(pairs).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`)
}

/** The defaults are those of the schema. */
function printBodies({ retention = '7d', ...bodies }: NonNullable<Config['bodies']>): readonly string[] {
  return printPairs({ retention, ...bodies })
}

function printPrice(price: NonNullable<Config['fallback_price']>): Value {
  return typeof price === 'string' ? price : printPairs(price)
}

function printRates({ default: usual, models = {}, keys = {} }: NonNullable<Config['rates']>) {
  return [
    ...(usual === undefined ? [] : ['default']),
    ...Object.keys(models).map((model) => `model ${model}`),
    ...Object.keys(keys).map((key) => `key ${key}`),
  ]
}

/** Only scheme and host of a URL: its path may be a secret too, as in the webhooks of chat programs. */
function printOrigin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'set, not shown'
}
