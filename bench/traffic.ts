/** The traffic, shared by the load and by the stub that responds to it. */

/** The events of a stream at full speed: those of a response of about 150 words. */
export const eventsPerStream = 200

export const framesPerPacedStream = 40

/** Marks a request for a paced stream; followed by the milliseconds between two events. */
export const pacedMark = 'paced-'

export interface Traffic {
  readonly stream: boolean
  readonly bodyBytes: number
  readonly pacedGapMs?: number
  /** All bodies are different but equally long; otherwise all are the same. */
  readonly isVaried?: true
}

const smallBytes = 1_024
const largeBytes = 800 * 1024

export const kinds = {
  plain: { stream: false, bodyBytes: smallBytes },
  'plain, distinct': { stream: false, bodyBytes: smallBytes, isVaried: true },
  'plain, 800 KB': { stream: false, bodyBytes: largeBytes },
  stream: { stream: true, bodyBytes: smallBytes },
  'stream, 800 KB': { stream: true, bodyBytes: largeBytes },
} as const satisfies Record<string, Traffic>

export type Kind = keyof typeof kinds

export const kindNames = Object.keys(kinds) as Kind[] // The keys of the literal are exactly its type's.

/** The traffic for gateways, to which all bodies are equivalent. */
export const gatewayKinds = ['plain', 'plain, 800 KB', 'stream', 'stream, 800 KB'] as const satisfies Kind[]

/** A server that produces its own responses could cache them, so it is also measured with distinct requests. */
export const standInKinds = ['plain', 'plain, distinct', 'stream'] as const satisfies Kind[]

/** The traffic for the comparison of protocols. */
export const protocolKinds = ['plain', 'stream'] as const satisfies Kind[]

export type ProtocolKind = (typeof protocolKinds)[number]

export const maxTokens = 1_024

/** A Messages request of exactly `bodyBytes`. It uses an alias on purpose, so that a gateway does all of its work. */
export function encodeBody({ stream, bodyBytes, pacedGapMs, isVaried }: Traffic): Buffer {
  return encodePadded(
    (content) => ({
      model: 'claude-opus-4-1',
      max_tokens: maxTokens,
      ...(stream ? { stream } : {}),
      ...(pacedGapMs === undefined ? {} : { metadata: { user_id: `${pacedMark}${pacedGapMs}` } }),
      messages: [{ role: 'user', content: isVaried ? `${countMark} ${content}` : content }],
    }),
    bodyBytes,
  )
}

/**
 * Returns a body per call. Varied ones contain a counter that starts at the current microsecond, so none
 * repeats within a run.
 */
export function createBodies(traffic: Traffic): () => Buffer {
  const body = encodeBody(traffic)
  if (!traffic.isVaried) return () => body
  const at = body.indexOf(countMark)
  let count = Math.floor(performance.now() * 1_000)
  return () => {
    const next = Buffer.from(body)
    next.write(String((count += 1)).padStart(countMark.length, '0'), at, 'latin1')
    return next
  }
}

/** The position of the counter, at the start of a prompt. */
const countMark = '0'.repeat(12)

/** A JSON request whose prompt is padded so that the body has `bodyBytes`. */
export function encodePadded(build: (prompt: string) => object, bodyBytes: number = smallBytes): Buffer {
  const missing = bodyBytes - Buffer.byteLength(JSON.stringify(build('')))
  const text = 'Please tell me what an ordinary prompt looks like. '
  return Buffer.from(JSON.stringify(build(text.repeat(Math.ceil(missing / text.length)).slice(0, missing))))
}
