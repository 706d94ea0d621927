import { Ajv, type ErrorObject } from 'ajv'
import { type Document, LineCounter, isMap, isScalar, parseDocument, visit } from 'yaml'

import { GatewayError } from '../errors.ts'
import type { Durability } from '../ledger/database.ts'
import type { Limits } from '../limits.ts'
import type { TelemetryConfig } from '../telemetry/tracing.ts'
import type { RatesConfig } from '../rates/rate-limits.ts'
import { configSchema, limitNames } from './config-schema.ts'

/** What `anthology.yaml` says, in our own names; what it does not say is absent. */
export interface Config {
  readonly port?: number
  readonly host?: string
  readonly data?: string
  /** Files of PEM text, relative to the configuration. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  readonly durability?: Durability
  readonly preflight?: boolean
  readonly upstreams?: readonly UpstreamConfig[]
  readonly limits?: Partial<Limits>
  readonly telemetry?: TelemetryConfig
  readonly rates?: RatesConfig
  readonly workers?: number
}

export type UpstreamConfig =
  | {
      readonly platform: 'emulator'
      readonly name?: string
      readonly seed?: string
      readonly tokens_per_second?: number
    }
  | {
      readonly platform: 'anthropic'
      readonly name?: string
      readonly base_url?: string
      readonly api_key?: string
      readonly auth_token?: string
    }

type Env = Readonly<Record<string, string | undefined>>

/**
 * Parses and checks a configuration. Throws a GatewayError whose message names
 * file, line and column: `anthology.yaml:3:5: unknown member 'base_ulr'`.
 */
export function parseConfig(text: string, file: string, env: Env): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset)
    throw new GatewayError('config_invalid', `${file}:${line}:${col}: ${message}`, {
      hint: 'The members that exist, with their defaults, are in anthology.schema.json.',
    })
  }
  const [broken] = document.errors
  if (broken !== undefined) fail(broken.pos[0], broken.message.split('\n')[0] ?? 'broken YAML')
  fillIn(document, env, fail)
  const value = readValue(document, fail)
  const validate = new Ajv({ allErrors: true, discriminator: true, strictTypes: false }).compile(configSchema)
  if (!validate(value)) {
    const error = mostTelling(validate.errors ?? [])
    fail(offsetOf(document, error), describe(error))
  }
  // The schema has just been satisfied, and describes this type but for the names of the limits.
  const config = value as Omit<Config, 'limits'> & { limits?: Record<string, number> }
  return { ...config, limits: renameLimits(config.limits ?? {}) }
}

/** Aliases that multiply each other would fill the memory; the parser refuses to expand them. */
function readValue(document: Document, fail: (offset: number, message: string) => never): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    return fail(0, error instanceof Error ? error.message : String(error))
  }
}

/** Replaces `${NAME}` in every string value; an unset variable is an error, never an empty credential. */
function fillIn(document: Document, env: Env, fail: (offset: number, message: string) => never): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
        const found = env[name]
        return found === undefined || found === ''
          ? fail(node.range?.[0] ?? 0, `the environment variable ${name} is not set`)
          : found
      })
    },
  })
}

/** An unknown member says more than the branch of a choice that it spoils. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const [first] = errors
  const found = errors.find((error) => error.keyword === 'additionalProperties') ?? first
  if (found === undefined) throw new Error('a failed validation has an error')
  return found
}

function describe(error: ErrorObject): string {
  const at = error.instancePath.slice(1).replaceAll('/', '.')
  switch (error.keyword) {
    case 'additionalProperties':
      return `unknown member '${String(error.params['additionalProperty'])}'${at === '' ? '' : ` in ${at}`}`
    case 'not':
      return `${at}: give api_key or auth_token, not both`
    case 'discriminator':
      return `${at}.platform: must be 'anthropic' or 'emulator'`
    case 'enum':
      return `${at}: must be one of ${JSON.stringify(error.params['allowedValues'])}`
    default:
      return `${at === '' ? 'the file' : at}: ${error.message ?? 'is not valid'}`
  }
}

/** Where the culprit stands: the name of an unknown member, else the value. */
function offsetOf(document: Document, error: ErrorObject): number {
  const path = error.instancePath.split('/').slice(1)
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true)
  if (isMap(node) && error.keyword === 'additionalProperties') {
    const pair = node.items.find(
      ({ key }) => isScalar(key) && key.value === error.params['additionalProperty'],
    )
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0
  }
  return hasRange(node) ? node.range[0] : 0
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function renameLimits(limits: Record<string, number>): Partial<Limits> {
  const renamed: Partial<Record<keyof Limits, number>> = {}
  for (const [name, value] of Object.entries(limits)) {
    const key = limitNames.get(name)
    if (key !== undefined) renamed[key] = value
  }
  return renamed
}
