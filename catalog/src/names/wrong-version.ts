import { findSpelled } from './name-index.ts'
import type { Model } from '../model.ts'
import { removeDate } from '../models/defaults/platform-ids.ts'

/** A date, and the version in which an id of Bedrock ends. */
const version = /(?:[-@](?<date>\d{8}|\d{4}-\d{2}-\d{2}))?(?:-v\d+(?::\d+)?)?$/

export interface WrongVersion {
  /** Ids in the form of the name's platform. */
  readonly suggestions: readonly string[]
  /** Null if only the version of a Bedrock id is wrong. */
  readonly detail: string | null
}

/** Finds the models of a name whose date or version does not exist, such as `claude-opus-4-6-20260205`. */
export function findWrongVersion(name: string): WrongVersion | null {
  const typed = name.trim().toLowerCase()
  const [ending = ''] = version.exec(typed) ?? []
  if (ending === '') return null
  const found = findSpelled(typed.slice(0, -ending.length))
  const date = version.exec(typed)?.groups?.['date']?.replaceAll('-', '')
  const suggestions = found
    .toSorted((one, other) => Number(hasDate(other, date)) - Number(hasDate(one, date)))
    .map(getIdFor(typed))
  return found.length === 0 ? null : { suggestions, detail: describeDate(found, date) }
}

function hasDate({ id }: Model, date: string | undefined): boolean {
  return date !== undefined && id.endsWith(date)
}

function getIdFor(typed: string): (model: Model) => string {
  return ({ id, platforms: { bedrock, vertex } }) => {
    if (typed.startsWith('anthropic.')) return bedrock ?? id
    return typed.includes('@') ? (vertex ?? id) : id
  }
}

function describeDate(found: readonly Model[], date: string | undefined): string | null {
  const [only] = found
  if (only === undefined || found.length > 1 || date === undefined || hasDate(only, date)) return null
  return removeDate(only.id) === only.id
    ? 'From Claude 4.6 on, the id of a model has no date.'
    : `${only.name} has no snapshot of ${date}.`
}
