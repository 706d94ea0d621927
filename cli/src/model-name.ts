import type { Model, Platform, Unresolved } from '@anthology/catalog'
import { describeUnresolved, isDay, resolve } from '@anthology/catalog'
import { CliError, UsageError } from './command.ts'

/** The platforms' official names. */
export const platformTitles = {
  anthropic: 'Claude API',
  bedrock: 'AWS Bedrock',
  vertex: 'Vertex AI',
  foundry: 'Foundry',
} as const satisfies Record<Platform, string>

/** Finds a model by any spelling. An unknown or ambiguous name is an error with exit code 1. */
export function requireModel(name: string): Model {
  const found = resolve(name)
  if (found.ok) return found.model
  throw notFound(name, found)
}

/** The error for a name that does not resolve, with suggestions. */
export function notFound(name: string, resolution: Unresolved): CliError {
  const { because, suggestions, retired } = resolution
  if (retired !== undefined) {
    const { id, retired: day, replacement } = retired
    return new CliError(`${id} was retired on ${day}`, `Its replacement is ${replacement}.`)
  }
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name)
  const hint = describeUnresolved(resolution)
  if (because === 'ambiguous')
    return new CliError(`${shown} is the name of several models`, `Use ${suggestions.join(' or ')}.`)
  if (because === 'opaque') return new CliError(`${shown} does not identify a model`, `${hint} ${howToMap}`)
  return new CliError(`there is no model ${shown}`, hint || 'anthology models --all lists all models.')
}

const howToMap = 'routing.aliases in anthology.yaml maps such a name to a model for the gateway.'

export function parsePlatform(text: string | undefined): Platform {
  const platform = platforms.find((name) => name === (text ?? 'anthropic'))
  if (platform !== undefined) return platform
  throw new UsageError(
    `there is no platform ${JSON.stringify(text)}`,
    `Choose one of ${platforms.join(', ')}.`,
  )
}

/** The value of `--as-of`. */
export function parseDay(text: string | undefined): string | undefined {
  if (text === undefined || isDay(text)) return text
  throw new UsageError(
    `--as-of must be a day, not ${JSON.stringify(text.slice(0, 40))}`,
    'Write it as YYYY-MM-DD, e.g. 2026-11-22.',
  )
}

// `Object.keys` returns strings, because an object may have more members than its type; this literal does
// not.
const platforms = Object.keys(platformTitles) as readonly Platform[]
