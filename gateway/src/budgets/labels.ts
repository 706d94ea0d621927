import type { IncomingHttpHeaders } from 'node:http'

import { ApiError } from '../errors.ts'

/** The header in which clients label their calls: `project=apollo,environment=prod`. */
export const labelsHeader = 'x-anthology-labels'

const maxLabelsLength = 1_024
const namePattern = /^[a-z][a-z0-9._-]{0,63}$/i
const valuePattern = /^[\x21-\x2b\x2d-\x3c\x3e-\x7e][\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,127}$/

/** Whether a client may send such a value: visible ASCII without comma and equals sign, and not a space at an end. */
export function isLabelValue(value: string): boolean {
  return valuePattern.test(value) && value.trim() === value
}

/** Reads the labels of a call into a JSON object with sorted names; null without any. Throws an ApiError for a label that is not allowed. */
export function readLabels(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): string | null {
  const text = headers[labelsHeader]?.toString().trim() ?? ''
  if (text === '') return null
  if (text.length > maxLabelsLength)
    throw new ApiError('bad_request', `${labelsHeader}: at most ${maxLabelsLength} characters`)
  const labels = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, Math.max(0, equals)).trim()
    const value = part.slice(equals + 1).trim()
    if (!namePattern.test(name) || !valuePattern.test(value))
      throw new ApiError('bad_request', `${labelsHeader}: write name=value, separated by commas`)
    if (!allowed.has(name))
      throw new ApiError(
        'bad_request',
        `${labelsHeader}: unknown label ${name.slice(0, 64)}; ${describeAllowed(allowed)}`,
      )
    if (labels.has(name)) throw new ApiError('bad_request', `${labelsHeader}: ${name} is given twice`)
    labels.set(name, value)
  }
  return JSON.stringify(Object.fromEntries([...labels].toSorted(([one], [other]) => (one < other ? -1 : 1))))
}

function describeAllowed(allowed: ReadonlySet<string>): string {
  return allowed.size === 0
    ? 'the configuration allows none (labels in anthology.yaml)'
    : `allowed are ${[...allowed].join(', ')}`
}
