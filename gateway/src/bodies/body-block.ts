import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'

// A block has the bodies of the calls that were written at once: a mark, the length of the payload and the number of
// calls (32 bits little-endian each), their ids in 40 bytes each, and the payload. That is, compressed by zlib with its
// checksum, a line of JSON with the sizes of each call, then the request and the answer of each. One compression for
// many small calls takes a fraction of the time and memory of one for each.

/** Bytes of a request or of an answer, perhaps only the first ones. */
export interface Body {
  readonly bytes: Uint8Array
  /** The size before it was cut. */
  readonly size: number
}

/** The answer as the upstream sent it, in the Messages form. */
export interface AnswerBody extends Body {
  /** It is an event stream. */
  readonly isStream: boolean
}

export interface CallBodies {
  /** As the client sent it; a request of Converse or of Chat Completions translated to the Messages API. */
  readonly request: Body
  /** Null: no upstream answered. */
  readonly answer: AnswerBody | null
}

/** The answer in the pieces in which it arrived. */
export interface CapturedBodies {
  readonly callId: string
  readonly request: Body
  readonly answer: (Omit<AnswerBody, 'bytes'> & { readonly pieces: readonly Uint8Array[] }) | null
}

export const headBytes = 12
export const idBytes = 40

const mark = 'abd1'

export interface BlockHead {
  readonly payloadBytes: number
  readonly calls: number
}

/** Encodes a block; the compression runs in a thread of Node's pool. */
export async function encodeBlock(bodies: readonly CapturedBodies[]): Promise<readonly Uint8Array[]> {
  const line = Buffer.from(`${JSON.stringify(bodies.map(describeSizes))}\n`)
  const parts = bodies.flatMap(({ request, answer }) => [request.bytes, ...(answer?.pieces ?? [])])
  // The fastest level: bodies are read seldom, and each call costs its compression.
  const payload = await compress(Buffer.concat([line, ...parts]), { level: 1 })
  const head = Buffer.alloc(headBytes + bodies.length * idBytes)
  head.write(mark, 'latin1')
  head.writeUInt32LE(payload.length, mark.length)
  head.writeUInt32LE(bodies.length, mark.length + 4)
  for (const [index, { callId }] of bodies.entries())
    head.write(callId, headBytes + index * idBytes, idBytes, 'latin1')
  return [head, payload]
}

/** Null if these bytes do not begin a block, as behind a write that a crash has cut off. */
export function decodeHead(bytes: Buffer): BlockHead | null {
  if (bytes.toString('latin1', 0, mark.length) !== mark) return null
  return { payloadBytes: bytes.readUInt32LE(mark.length), calls: bytes.readUInt32LE(mark.length + 4) }
}

/** The place of a call among those of a block; -1: the block does not have it. */
export function findCall(ids: Buffer, callId: string): number {
  const wanted = Buffer.alloc(idBytes)
  wanted.write(callId, 'latin1')
  for (let at = 0; at < ids.length; at += idBytes)
    if (wanted.equals(ids.subarray(at, at + idBytes))) return at / idBytes
  return -1
}

/** Null if the payload is damaged. */
export async function decodePayload(payload: Uint8Array, index: number): Promise<CallBodies | null> {
  try {
    const bytes = await decompress(payload, { maxOutputLength: maxPayloadBytes })
    const lineEnd = bytes.indexOf('\n')
    // Written by `encodeBlock`, and the checksum is right.
    const sizes = JSON.parse(bytes.toString('utf8', 0, lineEnd)) as readonly Sizes[]
    const found = sizes[index]
    if (found === undefined) return null
    const { request, answer } = found
    const start = sizes.slice(0, index).reduce((sum, size) => sum + sumKept(size), lineEnd + 1)
    const requestEnd = start + request.kept
    return {
      request: { bytes: bytes.subarray(start, requestEnd), size: request.size },
      answer: answer && {
        bytes: bytes.subarray(requestEnd, requestEnd + answer.kept),
        size: answer.size,
        isStream: answer.stream,
      },
    }
  } catch {
    return null
  }
}

interface Sizes {
  readonly request: { readonly kept: number; readonly size: number }
  readonly answer: { readonly kept: number; readonly size: number; readonly stream: boolean } | null
}

function describeSizes({ request, answer }: CapturedBodies): Sizes {
  return {
    request: { kept: request.bytes.byteLength, size: request.size },
    answer: answer && {
      kept: answer.pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
      size: answer.size,
      stream: answer.isStream,
    },
  }
}

function sumKept({ request, answer }: Sizes): number {
  return request.kept + (answer?.kept ?? 0)
}

/** More than two bodies of the largest `max_bytes`, and a batch. */
const maxPayloadBytes = 128 * 1024 * 1024

const compress = promisify<Uint8Array, { level: number }, Buffer>(deflate)
const decompress = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate)
