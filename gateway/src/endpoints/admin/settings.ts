import manifest from '../../../package.json' with { type: 'json' }
import { roles } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { limitRows } from '../../limits.ts'
import { describeRetention, retentionSchema } from './retention.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeText, describeTime, orNull } from './schema.ts'

async function describeServer({ context }: AdminRequest): Promise<object> {
  return {
    version: manifest.version,
    time: new Date(context.nowMs()).toISOString(),
    upstreams: context.accounts.map(({ name, platform }) => ({ name, platform })),
    emulated: context.console.isEmulated,
    stores_bodies: context.storedBodies !== null,
    labels: [...context.labels],
    retention: describeRetention(context),
  }
}

async function describeSettings({ context }: AdminRequest): Promise<object> {
  return {
    configuration: context.console.config === null ? null : hideSecrets(context.console.config),
    settings: context.console.settings.map((setting) => ({ ...setting, value: hideSecrets(setting.value) })),
    limits: limitRows.map(({ name, configName, unit, scope, description, exceeded, default: value }) => ({
      name: configName,
      value: context.limits[name],
      default: value,
      unit,
      scope,
      description,
      exceeded,
    })),
    routing: describeRouting(context),
  }
}

function describeRouting({ order, accounts }: Pick<Context, 'order' | 'accounts'>): object {
  return {
    groups: order.groups,
    models: Object.fromEntries(order.modelGroups),
    weights: Object.fromEntries(accounts.map(({ name }) => [name, order.weightOf(name)])),
  }
}

/** The members of anthology.yaml whose value is a secret. Members with other names are never hidden. */
const secretMembers: ReadonlySet<string> = new Set([
  'api_key',
  'auth_token',
  'identity_token',
  'access_key_id',
  'secret_access_key',
  'session_token',
  'bearer_token',
  'access_token',
  'client_secret',
  'otlp_headers',
  'secret',
])

/** Replaces every secret, and the user, password, query and fragment of every URL. */
export function hideSecrets(value: unknown, name = '', list = ''): unknown {
  if (secretMembers.has(name)) return hidden
  if (typeof value === 'string') return hideUrlSecrets(value, list === 'webhooks')
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, '', name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideSecrets(item, key, list)]))
}

/** The path of a webhook is hidden too: in those of chat programs it is the secret. */
function hideUrlSecrets(text: string, hidesPath: boolean): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text
  // Where the parts of a URL are not known, its password may be anywhere.
  if (!URL.canParse(text)) return hidden
  const url = new URL(text)
  if (hidesPath) return url.origin
  if (url.username === '' && url.password === '' && url.search === '' && url.hash === '') return text
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href
}

const hidden = 'set, not shown'

const list = describeArray({ type: 'string' })

export const settingsRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/server',
    roles,
    operation: 'getServer',
    summary: 'Shows the version of the server, its upstreams and its retention',
    answer: describeObject({
      version: { type: 'string' },
      time: describeTime('The clock of the server.'),
      upstreams: describeArray(describeObject({ name: { type: 'string' }, platform: { type: 'string' } })),
      emulated: { type: 'boolean', description: 'The only upstream is the offline emulator.' },
      stores_bodies: { type: 'boolean', description: 'Whether prompts and answers are stored.' },
      labels: describeArray({ type: 'string' }, 'The names that x-anthology-labels may carry.'),
      retention: retentionSchema,
    }),
    example: {},
    serve: describeServer,
  },
  {
    method: 'GET',
    path: '/admin/v1/settings',
    roles: ['viewer'],
    operation: 'getSettings',
    summary: 'Shows the effective configuration without its secrets',
    answer: describeObject({
      configuration: orNull({ type: 'object', description: 'anthology.yaml as it was read.' }),
      settings: describeArray(
        describeObject({
          name: describeText('As in anthology.yaml, with dots.'),
          value: {
            anyOf: [
              { type: 'string' },
              { type: 'number' },
              { type: 'boolean' },
              describeArray({ type: 'string' }),
            ],
          },
          source: { enum: ['default', 'file', 'flag', 'environment'] },
          origin: orNull(describeText('The file, the flag or the variable.')),
        }),
        'What the server runs with; without its limits and without changes at run time.',
      ),
      limits: describeArray(
        describeObject({
          name: { type: 'string' },
          value: { type: 'integer' },
          default: { type: 'integer' },
          unit: { type: 'string' },
          scope: { type: 'string' },
          description: { type: 'string' },
          exceeded: describeText('The error of a client that exceeds it.'),
        }),
      ),
      routing: describeObject({
        groups: describeArray(list),
        models: { type: 'object', additionalProperties: describeArray(list) },
        weights: { type: 'object', additionalProperties: { type: 'number' } },
      }),
    }),
    example: {},
    serve: describeSettings,
  },
]
