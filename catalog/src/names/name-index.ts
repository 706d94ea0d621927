import { aliases } from './aliases.ts'
import { removeDate } from '../models/defaults/platform-ids.ts'
import type { Model, Platform } from '../model.ts'
import { models } from '../models.ts'
import { retiredIds, retiredNames } from './retired-ids.ts'
import type { RetiredId } from './retired-ids.ts'

/** The kind of the given name. */
export type NameKind =
  | 'id'
  | 'alias'
  | 'other_id'
  | 'bedrock'
  | 'vertex'
  | 'foundry'
  | 'display_name'
  | 'claude_code'
  /** Recognizable, but not documented by a platform, such as `claude-opus-4.1`. */
  | 'spelling'
  /** A name of the caller's own, from `ResolveOptions.aliases`. */
  | 'own_alias'

export interface Named {
  readonly model: Model
  readonly as: NameKind
}

/** A model's ids on every platform; if one text is an id of several kinds, the Claude API's kind comes first. */
export function listIds(model: Model): readonly (readonly [string, NameKind])[] {
  const { bedrock, vertex, foundry } = model.platforms
  const ids: readonly (readonly [string | null, NameKind])[] = [
    [model.id, 'id'],
    ...model.otherIds.map((id) => [id, 'other_id'] as const),
    [bedrock, 'bedrock'],
    [model.mantleId ?? null, 'bedrock'],
    [vertex, 'vertex'],
    [foundry, 'foundry'],
  ]
  return ids.flatMap(([id, as]) => (id === null ? [] : [[id, as] as const]))
}

/** Finds an id, preferably one of the platform. */
export function findId(name: string, platform: Platform | undefined): Named | undefined {
  const all = byId.get(name) ?? []
  return all.find(({ as }) => as === platform) ?? all[0]
}

/** Finds the models with a display name, in any case and without a leading "Claude". */
export function findShown(name: string): readonly Model[] {
  return byDisplayName.get(foldDisplayName(name)) ?? []
}

/**
 * Finds the models with a name that is spelled like one of their ids or display names: in any case, with dots, blanks or
 * underscores instead of hyphens, without its date, or with family and generation in the other order.
 */
export function findSpelled(name: string): readonly Model[] {
  return bySpelling.get(foldName(name)) ?? []
}

/** Finds the models whose id on Google Cloud is this name without its date: there `claude-3-5-sonnet` is one snapshot. */
export function findUndatedOnVertex(name: string): Model | undefined {
  return byUndatedVertexId.get(foldName(name))
}

/** Finds an alias of the Claude API by any spelling. */
export function findSpelledAlias(name: string): string | undefined {
  return aliasBySpelling.get(foldName(name))
}

export function findRetired(name: string): RetiredId | undefined {
  // The Claude API had ids such as `claude-instant-v1-100k`.
  return retiredBySpelling.get(foldSeparators(name).replace(/-\d+k$/, ''))
}

/** Makes `  claude  OPUS 4.1` and `Opus 4.1` the same name. */
export function foldDisplayName(name: string): string {
  const words = name.trim().toLowerCase().split(/\s+/)
  return (words[0] === 'claude' ? words.slice(1) : words).join(' ')
}

/** Makes `anthropic.claude-opus-4.1`, `Claude Opus 4.1` and `opus_4_1` the same name. */
export function foldName(name: string): string {
  return foldSeparators(name).replace(/^claude-(?=.)/, '')
}

function foldSeparators(name: string): string {
  const hyphened = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s._]+/g, '-')
  return hyphened.replace(/^anthropic-(?=.)/, '')
}

const byId: ReadonlyMap<string, readonly Named[]> = groupByName(
  models.flatMap((model) => listIds(model).map(([id, as]) => [id, { model, as }] as const)),
)

const byDisplayName = groupByName(
  models.flatMap((model) =>
    [...new Set([model.name, model.displayName].map(foldDisplayName))].map((name) => [name, model] as const),
  ),
)

const bySpelling = groupByName(
  models.flatMap((model) =>
    [...new Set(listSpellings(model).map(foldName))].map((name) => [name, model] as const),
  ),
)

const byUndatedVertexId: ReadonlyMap<string, Model> = new Map(
  models.flatMap((model) => {
    const { vertex } = model.platforms
    return vertex === null ? [] : [[foldName(vertex.replace(/@\d{8}$/, '')), model] as const]
  }),
)

const aliasBySpelling: ReadonlyMap<string, string> = new Map(
  [...aliases.keys()].map((alias) => [foldName(alias), alias]),
)

const retiredBySpelling = indexRetired()

function listSpellings(model: Model): readonly string[] {
  const { id, family, generation, name, displayName } = model
  const date = id.slice(removeDate(id).length)
  const ordered = [`${family}-${generation}`, `${generation}-${family}`]
  return [
    // Clients leave out the `:0` of Bedrock's ids.
    ...listIds(model).flatMap(([each]) => [each, each.replace(/:0$/, '')]),
    ...model.aliases.map((alias) => alias.replace(/-latest$/, '')),
    removeDate(id),
    (model.platforms.vertex ?? id).replace(/@\d{8}$/, ''),
    ...ordered,
    ...ordered.map((each) => each + date),
    name,
    displayName,
  ]
}

function indexRetired(): ReadonlyMap<string, RetiredId> {
  const index = new Map<string, RetiredId>()
  for (const retired of retiredIds) {
    for (const name of [retired.id, retired.displayName]) index.set(foldSeparators(name), retired)
  }
  for (const [name, id] of retiredNames) {
    const retired = retiredIds.find((each) => each.id === id)
    if (retired !== undefined) index.set(foldSeparators(name), retired)
  }
  return index
}

function groupByName<Of>(entries: readonly (readonly [string, Of])[]): ReadonlyMap<string, readonly Of[]> {
  const index = new Map<string, Of[]>()
  for (const [name, value] of entries) {
    const known = index.get(name)
    if (known === undefined) index.set(name, [value])
    else known.push(value)
  }
  return index
}
