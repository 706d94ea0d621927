import type { ValidRequest } from './message/validate.ts'
import type { MessageResult } from './message/create-message.ts'
import type { Call } from './api/route.ts'
import type { Completion } from './generate/completion.ts'
import { listServerTools } from './server-tools/server-tool.ts'

/** What a request was found to be and what is said to it, without all that each call has of its own. Nobody changes it. */
export interface Piece {
  readonly validation: ValidRequest
  readonly completion: Completion
  readonly result: Omit<MessageResult, 'id' | 'usage'>
  /** The members of `told` in JSON, without the braces around them. */
  readonly bytes: Uint8Array
}

/** All that a piece is a function of, beside the emulator itself. */
export interface Title extends Pick<Call, 'apiVersion' | 'key'> {
  readonly platform: Call['platform']
  readonly day: string
  readonly betas: string | undefined
  readonly body: string
  /** The same for the same title, and hardly ever for another. */
  readonly hash: number
}

/**
 * The pieces of requests that came several times, as those of load tests, retries and fixtures do. One is kept from
 * its second sight on, so that a stream of different requests fills no memory; the one that is kept longest makes room.
 */
export interface Repertoire {
  find(title: Title): Piece | null
  /** Keeps a piece, unless this is its first sight, or it is too large or for once only. */
  offer(title: Title, chunk: Piece): void
}

/** Of the body and of the answer; what is longer is seldom sent again. */
export const maxKeptCharsEach = 16_384
/** Of all bodies and answers together, which with what was made of them take some 10 MB. */
export const maxKeptChars = 1_000_000
/** Of so many requests it is known that they came before. */
export const maxSightings = 1_000

export function createRepertoire(): Repertoire {
  const kept = new Map<number, { readonly title: Title; readonly chunk: Piece }>()
  // The latest hashes; to look through them takes no longer than to keep a set of them, and leaves nothing to collect.
  const sightings = new Int32Array(maxSightings)
  let sighted = 0
  let keptChars = 0
  const forget = (hash: number): void => {
    const found = kept.get(hash)
    if (found && kept.delete(hash)) keptChars -= computeSize(found.title, found.chunk)
  }
  const isFirstSight = ({ hash }: Title): boolean => {
    if (sightings.includes(hash)) return false
    sightings[sighted % maxSightings] = hash
    sighted += 1
    return true
  }
  return {
    find: (title) => {
      const found = kept.get(title.hash)
      return found && isSame(found.title, title) ? found.chunk : null
    },
    offer: (title, chunk) => {
      if (!isKeepable(title, chunk) || isFirstSight(title)) return
      forget(title.hash)
      kept.set(title.hash, { title, chunk })
      keptChars += computeSize(title, chunk)
      for (const hash of kept.keys()) {
        if (keptChars <= maxKeptChars) return
        forget(hash)
      }
    },
  }
}

function isSame(one: Title, other: Title): boolean {
  return (
    one.body === other.body &&
    one.key === other.key &&
    one.betas === other.betas &&
    one.day === other.day &&
    one.apiVersion === other.apiVersion &&
    one.platform === other.platform
  )
}

/** Files come and go, and what the tools of the service bring says when. */
function isKeepable({ body }: Title, { validation, bytes }: Piece): boolean {
  if (body.length > maxKeptCharsEach || bytes.length > maxKeptCharsEach) return false
  return !validation.readsFiles && listServerTools(validation.request).length === 0
}

function computeSize({ body }: Title, { bytes }: Piece): number {
  return body.length + bytes.length
}

/** The title of a call whose body is a text, on a day. */
export function createCacheKey(
  { apiVersion, platform, key, request }: Call,
  body: string,
  day: string,
): Title {
  const betas = request.headers['anthropic-beta']
  const hash = hashText(hashText(hashBytes(request.body ?? noBytes), key ?? ''), betas ?? '')
  return { apiVersion, platform, key, day, betas, body, hash }
}

const noBytes = new Uint8Array()

/** Reads four bytes at a time: a map of texts would read each letter of each body, at four times the cost. */
function hashBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = bytes.length - (bytes.length % 4)
  let hash = bytes.length
  for (let at = 0; at < words; at += 4) hash = mix(hash, view.getInt32(at, true))
  for (let at = words; at < bytes.length; at += 1) hash = mix(hash, view.getUint8(at))
  return hash
}

function hashText(start: number, text: string): number {
  let hash = start
  for (let at = 0; at < text.length; at += 1) hash = mix(hash, text.charCodeAt(at))
  return hash
}

/** A multiplication carries bits upwards only, so they are brought down again. */
function mix(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x9e3779b1)
  return product ^ (product >>> 15)
}
