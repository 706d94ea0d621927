import { measureEdits } from '@anthology/catalog'
import type { FoundryHosting } from '@anthology/catalog'
import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import { LineCounter, isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'

import type { BodiesConfig } from '../bodies/bodies-config.ts'
import { GatewayError } from '../errors.ts'
import type { RetentionConfig } from '../store/retention.ts'
import type { BudgetsConfig } from '../budgets/budget-config.ts'
import type { Durability } from '../store/sqlite/database.ts'
import { limitNames } from '../limits.ts'
import type { LimitName, Limits } from '../limits.ts'
import type { OidcConfig } from '../auth/oidc.ts'
import type { TelemetryConfig } from '../telemetry/tracing.ts'
import type { RatesConfig } from '../rates/rate-limits.ts'
import type { OwnPrice } from '../upstreams/own-price.ts'
import type { WorkspaceConfig } from '../routing/residency.ts'
import type { RoutingConfig } from '../routing/routing-config.ts'
import { configSchema } from './config-schema.ts'
import { findNode, findPair, hasRange } from './locate-member.ts'

/** The contents of `anthology.yaml`, with limits by their internal names; unset members are absent. */
export interface Config extends BudgetsConfig {
  readonly port?: number
  readonly host?: string
  readonly data?: string
  /** PEM files, relative to the configuration file. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  readonly hosts?: readonly string[]
  readonly cors_origins?: readonly string[]
  readonly trusted_proxies?: readonly string[]
  readonly workspaces?: readonly WorkspaceConfig[]
  /** A `postgres://` URL. */
  readonly store?: string
  readonly store_read?: string
  readonly durability?: Durability
  readonly emergency_folder?: string
  readonly retention?: RetentionConfig
  readonly bodies?: BodiesConfig
  readonly cut_revoked_calls?: boolean
  readonly validate_requests?: boolean
  readonly tag_blocks?: boolean
  readonly upstreams?: readonly UpstreamConfig[]
  readonly limits?: Partial<Limits>
  readonly telemetry?: TelemetryConfig
  readonly rates?: RatesConfig
  readonly routing?: RoutingConfig
  readonly workers?: number
  readonly console?: { readonly url?: string; readonly oidc?: OidcConfig }
}

export type UpstreamConfig =
  | {
      readonly platform: 'emulator'
      readonly name?: string
      readonly seed?: string
      readonly tokens_per_second?: number
    }
  | AnthropicConfig
  | BedrockConfig
  | VertexConfig
  | FoundryConfig

interface NamedUpstream {
  readonly name?: string
  readonly base_url?: string
  /** The URL of a forward proxy, or `none`; default: the one of the environment. */
  readonly proxy?: string
  /** Names of your own at this upstream, by model; `*` stands for every model. */
  readonly models?: Readonly<Record<string, string>>
  readonly price?: OwnPrice
  /** The name of a beta at this upstream, or false to leave it out. */
  readonly betas?: Readonly<Record<string, string | false>>
}

export interface AnthropicConfig extends NamedUpstream {
  readonly platform: 'anthropic'
  readonly api_key?: string
  readonly auth_token?: string
  /** Facts of the models that `models` names, if they are none of the catalog's. */
  readonly context_tokens?: number
  readonly max_output_tokens?: number
  readonly vision?: boolean
  readonly thinking?: boolean
  readonly tools?: boolean
  readonly count_tokens?: boolean
  readonly federation?: {
    readonly rule_id: string
    readonly organization_id: string
    readonly service_account_id?: string
    readonly workspace_id?: string
    readonly identity_token?: string
    readonly identity_token_file?: string
  }
}

export interface BedrockConfig extends NamedUpstream {
  readonly platform: 'bedrock'
  readonly region: string
  readonly profile?: string
  readonly surface?: 'invoke' | 'messages' | 'mantle'
  /** By any name of the model; `*` stands for every other model. */
  readonly tokens_per_minute?: Readonly<Record<string, number>>
  readonly profile_name?: string
  readonly role_arn?: string
  readonly external_id?: string
  readonly sts_url?: string
  readonly access_key_id?: string
  readonly secret_access_key?: string
  readonly session_token?: string
  readonly bearer_token?: string
}

export interface VertexConfig extends NamedUpstream {
  readonly platform: 'vertex'
  readonly project: string
  readonly location: string
  readonly credentials_file?: string
  readonly access_token?: string
}

export interface FoundryConfig extends NamedUpstream {
  readonly platform: 'foundry'
  readonly resource?: string
  readonly hosting?: FoundryHosting
  readonly api_key?: string
  readonly entra?: {
    readonly tenant_id?: string
    readonly client_id?: string
    readonly client_secret?: string
    readonly authority_host?: string
    readonly scope?: string
  }
}

type Env = Readonly<Record<string, string | undefined>>

/** A reference to an environment variable that is not set. */
export interface UnsetReference {
  /** The member that contains it, such as `upstreams.0.api_key`. */
  readonly member: string
  readonly variable: string
  /** The error for a program that uses the member, with file, line and column. */
  readonly message: string
}

/**
 * Receives the references to variables that are not set, for a program that does not use all members: their text
 * stays as it is written. Without it such a reference is an error.
 */
export type OnUnset = (reference: UnsetReference) => void

/**
 * Parses and checks a configuration. Throws a GatewayError whose message names
 * file, line and column: `anthology.yaml:3:5: unknown member 'base_ulr'`.
 */
export function parseConfig(text: string, file: string, env: Env, onUnset?: OnUnset): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const locate = (offset: number, message: string): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}: ${message}`
  }
  const fail = (offset: number, message: string, hint = ''): never => {
    throw new GatewayError('config_invalid', locate(offset, message), {
      hint: `${hint}The members that exist, with their defaults, are in anthology.schema.json.`,
    })
  }
  const [broken] = document.errors
  if (broken !== undefined) {
    // The parser's text ends with the place, which stands at the start of ours, or with advice for programmers.
    const problem = broken.message.replace(/(?: at line \d+, column \d+:|; please use YAML\.)[^]*$/, '')
    throw new GatewayError('config_invalid', locate(broken.pos[0], problem), {
      hint: 'Correct the YAML at this place.',
    })
  }
  const unset = new Set<string>()
  expandVariables(document, env, (member, variable, offset) => {
    const problem = `the environment variable ${variable} is not set`
    if (onUnset === undefined) return fail(offset, problem)
    unset.add(member)
    onUnset({ member, variable, message: locate(offset, problem) })
  })
  const value = readValue(document, fail)
  const validate = new Ajv({
    allErrors: true,
    verbose: true,
    discriminator: true,
    strictTypes: false,
    allowUnionTypes: true,
  }).compile(configSchema)
  validate(value)
  // The value of an unset variable is not known, so it cannot be wrong.
  const problems = (validate.errors ?? []).filter((error) => !unset.has(getPath(error).join('.')))
  if (problems.length > 0) {
    const error = findBestError(problems)
    const [offset, written] = locateError(document, text, error)
    fail(offset, describe(error, written), suggestMember(error))
  }
  // The value satisfies the schema, which describes this type except for the names of limits.
  const config = value as Omit<Config, 'limits'> & { limits?: Record<string, number> }
  return { ...config, limits: renameLimits(config.limits ?? {}) }
}

/** The parser rejects nested aliases whose expansion would exhaust memory. */
function readValue(document: Document, fail: (offset: number, message: string) => never): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    return fail(0, error instanceof Error ? error.message : String(error))
  }
}

/** Replaces `${NAME}` in every string value. An unset variable is reported and never an empty credential. */
function expandVariables(
  document: Document,
  env: Env,
  onUnset: (member: string, variable: string, offset: number) => void,
): void {
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(/\$\{([A-Za-z_]\w*)\}/g, (text, variable: string) => {
        const found = env[variable]
        if (found !== undefined && found !== '') return found
        onUnset(getMember([...ancestors, node]), variable, node.range?.[0] ?? 0)
        return text
      })
    },
  })
}

/** The path of the last node, from the nodes that contain it. */
function getMember(nodes: readonly unknown[]): string {
  const names = nodes.flatMap((node, index) => {
    const inner = nodes[index + 1]
    if (isSeq(node)) return [String(node.items.indexOf(inner))]
    return isPair(node) && isScalar(node.key) ? [String(node.key.value)] : []
  })
  return names.join('.')
}

/** Prefers an unknown-member error over the union error it causes, and the union error over its first branch's. */
function findBestError(errors: readonly ErrorObject[]): ErrorObject {
  const [first] = errors
  const found = errors.find((error) => error.keyword === 'additionalProperties') ?? first
  if (found === undefined) throw new Error('a failed validation has an error')
  const choice = errors.find(
    ({ keyword, instancePath }) => keyword === 'anyOf' && instancePath === found.instancePath,
  )
  return found.keyword === 'type' && choice !== undefined ? choice : found
}

/** `written`: the value's source text. It is printed only if no string is expected there: a string may be a secret. */
function describe(error: ErrorObject, written: string): string {
  const at = getPath(error).join('.')
  const withValue = (wanted: string) =>
    `${at === '' ? 'the file' : at}: ${wanted}${written === '' ? '' : `, not ${written}`}`
  switch (error.keyword) {
    case 'additionalProperties':
      return `unknown member '${String(error.params['additionalProperty'])}'${at === '' ? '' : ` in ${at}`}`
    case 'not':
      return `${at}: give api_key or auth_token, not both`
    case 'discriminator':
      return `${at}.platform: must be 'anthropic', 'bedrock', 'vertex', 'foundry' or 'emulator'`
    case 'enum':
      return withValue(`must be one of ${JSON.stringify(error.params['allowedValues'])}`)
    case 'anyOf':
      return withValue("must be integer or 'unlimited'")
    case 'type':
      if (error.params['type'] === 'string')
        return `${at}: must be string, not ${getKind(error.data)}; in quotes it is`
      return withValue(error.message ?? 'is not valid')
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return withValue(error.message ?? 'is not valid')
    default:
      return `${at === '' ? 'the file' : at}: ${error.message ?? 'is not valid'}`
  }
}

function getKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
}

function suggestMember({ keyword, params, parentSchema }: ErrorObject): string {
  if (keyword !== 'additionalProperties') return ''
  const typed = String(params['additionalProperty']).slice(0, 64)
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const known = Object.keys((parentSchema?.['properties'] ?? {}) as object) // `properties` of a schema is an object.
  const scored = known.map((name) => ({ name, edits: measureEdits(typed, name, limit) }))
  const [best] = scored.toSorted((one, other) => one.edits - other.edits)
  if (best !== undefined && best.edits <= limit) return `Did you mean ${best.name}? `
  return known.length > 0 && known.length <= maxListed ? `Its members are ${known.join(', ')}. ` : ''
}

/** As many names of members as fit into a hint. */
const maxListed = 8

function getPath({ instancePath }: ErrorObject): string[] {
  const names = instancePath.split('/').slice(1)
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Finds the offset of the unknown member's name or of the invalid value, and the value's source text if it is short. */
function locateError(
  document: Document,
  text: string,
  error: ErrorObject,
): readonly [offset: number, written: string] {
  const node = findNode(document, getPath(error))
  if (isMap(node) && error.keyword === 'additionalProperties') {
    const key = findPair(node, String(error.params['additionalProperty']))?.key
    return [hasRange(key) ? key.range[0] : 0, '']
  }
  if (!hasRange(node)) return [0, '']
  const [start, end] = node.range
  const isShown = isScalar(node) && end - start <= 60 && !/\p{Cc}/u.test(text.slice(start, end))
  return [start, isShown ? text.slice(start, end) : getKind(error.data)]
}

function renameLimits(limits: Record<string, number>): Partial<Limits> {
  const renamed: Partial<Record<LimitName, number>> = {}
  for (const [name, value] of Object.entries(limits)) {
    const key = limitNames.get(name)
    if (key !== undefined) renamed[key] = value
  }
  return renamed
}
