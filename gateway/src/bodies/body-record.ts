import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'

// A record of a segment: a mark, the length of the payload (32 bits little-endian), the id of the call in 40 bytes, and
// the payload. That is, compressed by zlib with its checksum, a line of JSON with the sizes, the request and the answer.

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
  readonly request: Body
  readonly answer: (Omit<AnswerBody, 'bytes'> & { readonly pieces: readonly Uint8Array[] }) | null
}

export const headBytes = 48

const mark = 'abd1'
const idAt = 8

export interface RecordHead {
  readonly id: string
  readonly payloadBytes: number
}

/** Encodes a record; the compression runs in a thread of Node's pool. */
export async function encodeRecord(id: string, { request, answer }: CapturedBodies): Promise<Uint8Array[]> {
  const sizes: Sizes = {
    request: { kept: request.bytes.byteLength, size: request.size },
    answer: answer && {
      kept: answer.pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
      size: answer.size,
      stream: answer.isStream,
    },
  }
  const line = Buffer.from(`${JSON.stringify(sizes)}\n`)
  // The fastest level: bodies are read seldom, and each call costs its compression.
  const payload = await compress(Buffer.concat([line, request.bytes, ...(answer?.pieces ?? [])]), {
    level: 1,
  })
  const head = Buffer.alloc(headBytes)
  head.write(mark, 'latin1')
  head.writeUInt32LE(payload.length, mark.length)
  head.write(id, idAt, 'latin1')
  return [head, payload]
}

/** Null if these bytes do not begin a record, as behind a write that a crash has cut off. */
export function decodeHead(bytes: Buffer, at: number): RecordHead | null {
  if (bytes.toString('latin1', at, at + mark.length) !== mark) return null
  return {
    id: bytes.toString('latin1', at + idAt, at + headBytes).replace(/\0+$/, ''),
    payloadBytes: bytes.readUInt32LE(at + mark.length),
  }
}

/** Null if the payload is damaged. */
export async function decodePayload(payload: Uint8Array): Promise<CallBodies | null> {
  try {
    const bytes = await decompress(payload, { maxOutputLength: maxPayloadBytes })
    const lineEnd = bytes.indexOf('\n')
    // Written by `encodeRecord`, and the checksum is right.
    const { request, answer } = JSON.parse(bytes.toString('utf8', 0, lineEnd)) as Sizes
    const requestEnd = lineEnd + 1 + request.kept
    return {
      request: { bytes: bytes.subarray(lineEnd + 1, requestEnd), size: request.size },
      answer: answer && { bytes: bytes.subarray(requestEnd), size: answer.size, isStream: answer.stream },
    }
  } catch {
    return null
  }
}

interface Sizes {
  readonly request: { readonly kept: number; readonly size: number }
  readonly answer: { readonly kept: number; readonly size: number; readonly stream: boolean } | null
}

/** More than two bodies of the largest `max_bytes`. */
const maxPayloadBytes = 128 * 1024 * 1024

const compress = promisify<Uint8Array, { level: number }, Buffer>(deflate)
const decompress = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate)
