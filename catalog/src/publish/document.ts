import { aliases, claudeCodeNames } from '../names/aliases.ts'
import type { AliasTarget } from '../names/aliases.ts'
import { betas } from '../betas/betas.ts'
import { getDay } from '../day.ts'
import { imageRules } from '../tokens/image-tokens.ts'
import { statusOn } from '../lifecycle/lifecycle.ts'
import type { Model } from '../model.ts'
import { models } from '../models.ts'
import { bedrockOutputWeights } from '../quota/bedrock-output-weights.ts'
import { retiredIds } from '../names/retired-ids.ts'
import { sources } from '../sources.ts'
import { tokenizers } from '../tokens/tokenizers.ts'
import { toolTokens } from '../tokens/tool-tokens.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [member: string]: JsonValue
}

/** `catalog.json`: the whole catalog, for readers that do not run its code; described by `catalog.schema.json`. */
export interface CatalogDocument {
  readonly $schema: './catalog.schema.json'
  readonly schema_version: 1
  readonly currency: 'USD'
  readonly price_unit: 'per million tokens'
  /** The day of `status`; null: the document has dates only, and is valid on any day. */
  readonly as_of: string | null
  readonly models: readonly JsonObject[]
  readonly aliases: JsonObject
  readonly claude_code_names: JsonObject
  readonly betas: readonly JsonObject[]
  readonly retired_ids: readonly JsonObject[]
  readonly image_rules: readonly JsonObject[]
  readonly tool_tokens: readonly JsonObject[]
  readonly tokenizers: readonly JsonObject[]
  readonly bedrock_output_weights: readonly JsonObject[]
  readonly sources: JsonObject
}

/** Returns the whole catalog as plain data. With a day, each model has its status on that day, by platform. */
export function catalogDocument(options: { readonly asOf?: string | undefined } = {}): CatalogDocument {
  const day = options.asOf === undefined ? null : getDay(options.asOf)
  return {
    $schema: './catalog.schema.json',
    schema_version: 1,
    currency: 'USD',
    price_unit: 'per million tokens',
    as_of: day,
    models: models.map((model) => modelObject(model, day)),
    aliases: targetsObject(aliases),
    claude_code_names: targetsObject(claudeCodeNames),
    betas: betas.map(plainObject),
    retired_ids: retiredIds.map(plainObject),
    image_rules: imageRules.map(plainObject),
    tool_tokens: toolTokens.map(plainObject),
    tokenizers: tokenizers.map(plainObject),
    bedrock_output_weights: bedrockOutputWeights.map(plainObject),
    sources: { ...sources },
  }
}

/** The members of a model in the order of its type, whatever order its file has. */
export const modelMembers = [
  ...(['id', 'name', 'displayName', 'createdAt', 'family', 'generation', 'access', 'page'] as const),
  ...(['factsAsOf', 'aliases', 'otherIds', 'platforms', 'mantleId', 'bedrockProfiles'] as const),
  ...(['description', 'strengths', 'input', 'output', 'multilingual', 'vision', 'priorityTier'] as const),
  ...(['comparativeLatency', 'contextWindow', 'maxOutput', 'trainingCutoff', 'reliableKnowledge'] as const),
  ...(['minCacheableTokens', 'toolPromptTokens', 'imageDetail', 'regionalPremium', 'behaviour'] as const),
  ...(['thinking', 'effort', 'rateCards', 'lifecycle', 'notes', 'uncertain', 'sources'] as const),
] as const satisfies readonly (keyof Model)[]

function modelObject(model: Model, day: string | null): JsonObject {
  const members = modelMembers.map((name) => [snakeCase(name), plain(model[name] ?? null)] as const)
  const document = Object.fromEntries(members)
  return day === null ? document : { ...document, status: statusObject(model, day) }
}

function statusObject(model: Model, day: string): JsonObject {
  return {
    anthropic: statusOn(model, day, 'anthropic'),
    bedrock: statusOn(model, day, 'bedrock'),
    vertex: statusOn(model, day, 'vertex'),
    foundry: statusOn(model, day, 'foundry'),
  }
}

function targetsObject(table: ReadonlyMap<string, readonly AliasTarget[]>): JsonObject {
  const rows = [...table].map(([name, targets]) => [name, targets.map(plainObject)] as const)
  return Object.fromEntries(rows.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** The only types in the catalog's data; a test holds that. */
type Plain = string | number | boolean | null | undefined | readonly Plain[] | object

function plain(value: Plain): JsonValue {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'object' ? plainObject(value) : value
}

function plainObject(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [snakeCase(name), plain(each)]),
  )
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
