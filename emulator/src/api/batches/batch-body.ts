import { findExceededBound, indexBody, iterateElements, parsedBodyBounds } from '@anthology/wire'
import type { Member } from '@anthology/wire'

import { describeInvalidJson, findBodyError, findEscapeProblem, parseText } from '../../http/body.ts'
import type { Body } from '../../http/body.ts'
import type { Steps } from '../../steps.ts'

/** docs.claude.com, build-with-claude/batch-processing, Nov 2025. */
export const maxBatchBytes = 256 * 1024 * 1024

/** A step parses requests of about this size together. */
const stepBytes = 256 * 1024

const members: ReadonlySet<string> = new Set(['requests'])

/**
 * Reads the body of a new batch, one request after another: parsed as a whole it would block the event loop for as long
 * as its author likes. Each request has the bounds of a body of its own.
 */
export function* readBatchBody(bytes: Uint8Array | null, contentType: string | undefined): Steps<Body> {
  const error = findBodyError(bytes, contentType, maxBatchBytes)
  if (error !== null) return { ok: false, error }
  if (bytes === null || bytes.length === 0) return reject(invalidJson)
  const index = indexBody(bytes, members)
  if (!index.ok) {
    // Another value than an object is left to the schema, unless it would take long to parse.
    if (index.because === 'not_an_object' && bytes.length <= stepBytes) return parseText(bytes)
    return reject(index.because === 'duplicate_member' ? index.message : invalidJson)
  }
  const value: Record<string, unknown> = Object.create(null)
  for (const member of index.members) {
    yield
    const read =
      member.name === 'requests' ? yield* readRequests(bytes, member) : parsePart(bytes, member, member.name)
    if (!read.ok) return read
    value[member.name] = read.value
  }
  return { ok: true, value }
}

function* readRequests(bytes: Uint8Array, array: Member): Steps<Body> {
  const requests: unknown[] = []
  let stepEnd = array.start + stepBytes
  for (const element of iterateElements(bytes, array)) {
    // Another value than an array is left to the schema.
    if (!element.ok && element.because === 'not_an_array') return parsePart(bytes, array, 'requests')
    if (!element.ok) return reject(invalidJson)
    const read = parsePart(bytes, element, `requests.${requests.length}`)
    if (!read.ok) return read
    requests.push(read.value)
    if (element.end < stepEnd) continue
    yield
    stepEnd = element.end + stepBytes
  }
  return { ok: true, value: requests }
}

const invalidJson = 'The request body is not valid JSON.'

interface Range {
  readonly start: number
  readonly end: number
}

function parsePart(bytes: Uint8Array, { start, end }: Range, where: string): Body {
  const part = bytes.subarray(start, end)
  const exceeded = findExceededBound(part, parsedBodyBounds)
  if (exceeded !== null) return reject(`The request body cannot be read: ${where}: ${exceeded}`)
  const parsed = parseText(part)
  if (parsed.ok || findEscapeProblem(part) === null) return parsed
  // The error names the place in the client's bytes.
  return reject(describeInvalidJson(findEscapeProblem(bytes) ?? ''))
}

function reject(message: string): Body {
  return { ok: false, error: { status: 400, message } }
}
