import { findCharsetProblem } from '@anthology/wire'

import { ApiError, errors } from '../errors.ts'
import type { ClientRequest } from './client-exchange.ts'
import type { Limits } from '../limits.ts'

/** Reads bodies, limited in size each and in total. */
export interface BodyReader {
  /** By default the body must be JSON of at most `bodyBytes`. */
  read(request: ClientRequest, expected?: Partial<ExpectedBody>): Promise<HeldBody>
  readonly heldBytes: number
}

export interface ExpectedBody {
  /** Required Content-Type; null accepts any, or none. */
  readonly contentType: string | null
  readonly limit: BodyLimit
  /** The access key id of a request whose signature can only be verified with its body. */
  readonly unverifiedId?: string | undefined
}

/** The size limit that applies, by kind of body. */
export type BodyLimit = 'bodyBytes' | 'adminBodyBytes' | 'batchBodyBytes' | 'fileBytes'

/** A body in memory. Call `release` when it is no longer needed. */
export interface HeldBody {
  readonly bytes: Uint8Array
  release(): void
}

export function createBodyReader(limits: Limits): BodyReader {
  let heldBytes = 0
  const countUnverified = createUnverifiedCount(limits)
  const largeBodyRoom = subtractReserve(limits.heldBodyBytes)

  return {
    get heldBytes() {
      return heldBytes
    },
    read(request, expected = {}) {
      const { contentType = 'application/json', limit = 'bodyBytes', unverifiedId } = expected
      checkBodyHeaders(request, { contentType, limit }, limits)
      const limitBytes = limits[limit]
      const announcedBytes = Number(request.headers['content-length'] ?? 0)
      return new Promise((resolve, reject) => {
        const pieces = createPieces()
        let size = 0
        const progress = watchProgress(limits.bodyProgressMs, () => fail(tooSlow(limits)))
        let unverified = unverifiedId === undefined ? null : countUnverified(unverifiedId)

        const stop = () => {
          progress.stop()
          unverified?.release()
          unverified = null
          request.off('data', take).off('end', finish)
        }
        const release = () => {
          heldBytes -= size
          size = 0
          // The request outlives its body, and its listeners would keep the pieces in memory.
          pieces.drop()
        }
        const fail = (apiError: ApiError) => {
          stop()
          release()
          reject(apiError)
        }
        const take = (chunk: Buffer) => {
          size += chunk.length
          heldBytes += chunk.length
          progress.add(chunk.length)
          if (unverified?.add(chunk.length) === false) return fail(tooMuchUnverified())
          if (size > limitBytes) return fail(tooLarge(limit, limits))
          const isSmall = Math.max(size, announcedBytes) <= smallBodyBytes
          if (heldBytes > (isSmall ? limits.heldBodyBytes : largeBodyRoom)) {
            const message = 'Overloaded: too many request bodies are held at once, try again shortly'
            return fail(new ApiError('overloaded', message, errors.overloaded, { limit: 'heldBodyBytes' }))
          }
          pieces.add(chunk)
        }
        const finish = () => {
          stop()
          const bytes = pieces.join()
          pieces.drop()
          resolve({ bytes, release })
        }
        request.on('data', take).once('end', finish)
        request.once('error', () =>
          fail(new ApiError('body_aborted', 'the connection ended before the body was complete')),
        )
      })
    },
  }
}

/** Calls `onSlow` once less than 64 KiB arrive within the time. */
function watchProgress(ms: number, onSlow: () => void): { add(bytes: number): void; stop(): void } {
  const timer = setTimeout(onSlow, ms)
  let bytesSince = 0
  return {
    add(bytes) {
      bytesSince += bytes
      if (bytesSince < smallBodyBytes) return
      bytesSince = 0
      timer.refresh()
    },
    stop: () => clearTimeout(timer),
  }
}

/** Counts the bytes of incomplete bodies by the access key id that their requests name. */
function createUnverifiedCount(limits: Limits): (id: string) => UnverifiedBody {
  const sums = new Map<string, number>()
  let total = 0
  return (id) => {
    let own = 0
    const add = (bytes: number): boolean => {
      own += bytes
      total += bytes
      const sum = (sums.get(id) ?? 0) + bytes
      if (sum === 0) sums.delete(id)
      else sums.set(id, sum)
      // Access key ids are no secrets: whoever knows many must still leave half for verified requests.
      return sum <= limits.unverifiedBodyBytes && total <= limits.heldBodyBytes / 2
    }
    return { add, release: () => void add(-own) }
  }
}

interface UnverifiedBody {
  /** Returns false if the body has no room left. */
  add(bytes: number): boolean
  release(): void
}

function tooSlow({ bodyProgressMs }: Limits): ApiError {
  const message = `the request body arrived too slowly: less than 64 KiB in ${bodyProgressMs / 1_000} seconds`
  return new ApiError('request_timeout', message, errors.request_timeout, { limit: 'bodyProgressMs' })
}

function tooMuchUnverified(): ApiError {
  const message =
    'Overloaded: too many signed requests have an incomplete body; send their hash as x-amz-content-sha256, or try again shortly'
  return new ApiError('overloaded', message, errors.overloaded, { limit: 'unverifiedBodyBytes' })
}

/** Bodies up to this size may use the reserve, so that large bodies cannot take all memory. */
const smallBodyBytes = 64 * 1024

/** Memory that large bodies may use: 1/64 of `heldBodyBytes` is reserved for small ones. */
export function subtractReserve(heldBodyBytes: number): number {
  return heldBodyBytes - Math.floor(heldBodyBytes / 64)
}

/** The received chunks of a body. Tiny ones are copied together, since a chunk's overhead would exceed its content. */
function createPieces(): { add(piece: Buffer): void; join(): Buffer; drop(): void } {
  let pieces: Buffer[] = []
  let slab: Buffer | null = null
  let used = 0
  let size = 0

  function closeSlab(): void {
    if (slab !== null && used > 0) pieces.push(slab.subarray(0, used))
    slab = null
    used = 0
  }

  return {
    add(piece) {
      const keeps = isKeepable(piece)
      size += piece.length
      if (piece.length > tinyBytes || (keeps && pieces.length === 0 && slab === null)) {
        closeSlab()
        pieces.push(keeps ? piece : Buffer.from(piece))
        return
      }
      if (slab !== null && used + piece.length > slab.length) closeSlab()
      // As large as the body so far, so that many bodies that have just started stay small.
      slab ??= Buffer.allocUnsafeSlow(Math.min(slabBytes, Math.max(piece.length, size, minSlabBytes)))
      used += piece.copy(slab, used)
    },
    join() {
      closeSlab()
      const [only] = pieces
      if (pieces.length === 1 && only !== undefined) return only
      const joined = Buffer.concat(pieces)
      for (const piece of pieces) free(piece)
      return joined
    },
    drop() {
      pieces = []
      slab = null
    },
  }
}

/** False for a small slice of a larger buffer (as in HTTP/2 frames), which would keep the whole buffer in memory. */
function isKeepable(piece: Buffer): boolean {
  return piece.buffer.byteLength <= 2 * piece.length
}

/**
 * Frees the memory of a copied piece at once. Off-heap memory counts towards the next garbage collection, so the
 * pieces of large bodies would trigger collections that cost as much as all other work on them. A piece that
 * shares its buffer with other data is left alone.
 */
function free(piece: Buffer): void {
  const { buffer } = piece
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.length) buffer.transfer(0)
}

const tinyBytes = 4_096
const minSlabBytes = 256
const slabBytes = 16 * 1024

/** Rejects a body by its headers (encoding, type, length), before any of it is read. */
export function checkBodyHeaders(
  request: ClientRequest,
  { contentType, limit }: ExpectedBody,
  limits: Limits,
): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    const message = `content-encoding: request bodies must be sent uncompressed, got '${encoding.slice(0, 40)}'`
    throw new ApiError('bad_request', message, undefined, {
      errorCode: 'request_body_encoding_unsupported',
    })
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (contentType !== null && type !== contentType) {
    throw new ApiError(
      'bad_request',
      `content-type: must be ${contentType}, got ${type === undefined ? 'none' : `'${type.slice(0, 80)}'`}`,
    )
  }
  const charsetProblem = findCharsetProblem(request.headers['content-type'])
  if (charsetProblem !== null) throw new ApiError('bad_request', charsetProblem)
  if (Number(request.headers['content-length'] ?? 0) > limits[limit]) throw tooLarge(limit, limits)
}

export function tooLarge(limit: BodyLimit, limits: Limits): ApiError {
  const message = `Request exceeds the maximum size: the body may have ${limits[limit]} bytes at most`
  return new ApiError('body_too_large', message, errors.body_too_large, { limit })
}
