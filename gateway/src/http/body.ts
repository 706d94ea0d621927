import { ApiError, errors } from '../errors.ts'
import type { ClientRequest } from './client-exchange.ts'
import type { Limits } from '../limits.ts'

/** Reads bodies within the limit of each body and of all bodies in memory. */
export interface BodyReader {
  /** Default: JSON, within the limit of a call's body. */
  read(request: ClientRequest, expected?: Partial<ExpectedBody>): Promise<HeldBody>
  readonly heldBytes: number
}

export interface ExpectedBody {
  /** Required Content-Type; null accepts any, or none. */
  readonly contentType: string | null
  readonly limit: BodyLimit
}

/** The limits of one body, one per kind of body. */
export type BodyLimit = 'bodyBytes' | 'batchBodyBytes' | 'fileBytes'

/** A body in memory. `release` must be called once the call no longer needs it. */
export interface HeldBody {
  readonly bytes: Uint8Array
  release(): void
}

export function createBodyReader(limits: Limits): BodyReader {
  let heldBytes = 0
  const largeBodyRoom = subtractReserve(limits.heldBodyBytes)

  return {
    get heldBytes() {
      return heldBytes
    },
    read(request, expected = {}) {
      const { contentType = 'application/json', limit = 'bodyBytes' } = expected
      checkBodyHeaders(request, { contentType, limit }, limits)
      const limitBytes = limits[limit]
      const announcedBytes = Number(request.headers['content-length'] ?? 0)
      return new Promise((resolve, reject) => {
        const pieces = createPieces()
        let size = 0

        const release = () => {
          heldBytes -= size
          size = 0
          // The request outlives its body, and its listeners would keep the pieces alive.
          pieces.drop()
        }
        const fail = (apiError: ApiError) => {
          request.off('data', take).off('end', finish)
          release()
          reject(apiError)
        }
        const take = (chunk: Buffer) => {
          size += chunk.length
          heldBytes += chunk.length
          if (size > limitBytes) return fail(tooLarge(limit, limits))
          const isSmall = Math.max(size, announcedBytes) <= smallBodyBytes
          if (heldBytes > (isSmall ? limits.heldBodyBytes : largeBodyRoom)) {
            const message = 'Overloaded: too many request bodies are held at once, try again shortly'
            return fail(new ApiError('overloaded', message, errors.overloaded, { limit: 'heldBodyBytes' }))
          }
          pieces.add(chunk)
        }
        const finish = () => {
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

/** Bodies of up to this size may use the reserve, so that large ones cannot fill the memory alone. */
const smallBodyBytes = 64 * 1024

/** Memory that large bodies may use: 1/64 of `heldBodyBytes` is reserved for small ones. */
export function subtractReserve(heldBodyBytes: number): number {
  return heldBodyBytes - Math.floor(heldBodyBytes / 64)
}

/** The received pieces of a body. Tiny ones are joined, because a Buffer object costs more memory than it would hold. */
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
      // As large as the body so far, so that a short body takes little memory.
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

/** A small slice of a large read, such as an HTTP/2 frame, would keep the whole read in memory. */
function isKeepable(piece: Buffer): boolean {
  return piece.buffer.byteLength <= 2 * piece.length
}

/**
 * Frees the memory of a piece that has been copied. Off-heap memory counts towards the next garbage collection, so
 * without this the pieces of large bodies trigger it so often that it costs as much as all other work on them. A
 * piece that shares its memory with other bytes is kept.
 */
function free(piece: Buffer): void {
  const { buffer } = piece
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.length) buffer.transfer(0)
}

const tinyBytes = 4_096
const minSlabBytes = 256
const slabBytes = 16 * 1024

/** Rejects a body by its headers, before reading any of it. */
export function checkBodyHeaders(
  request: ClientRequest,
  { contentType, limit }: ExpectedBody,
  limits: Limits,
): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    const message = `content-encoding: request bodies must be sent uncompressed, got '${encoding.slice(0, 40)}'`
    throw new ApiError('bad_request', message)
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (contentType !== null && type !== contentType) {
    throw new ApiError(
      'bad_request',
      `content-type: must be ${contentType}, got ${type === undefined ? 'none' : `'${type.slice(0, 80)}'`}`,
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > limits[limit]) throw tooLarge(limit, limits)
}

export function tooLarge(limit: BodyLimit, limits: Limits): ApiError {
  const message = `Request exceeds the maximum size: the body may have ${limits[limit]} bytes at most`
  return new ApiError('body_too_large', message, errors.body_too_large, { limit })
}
