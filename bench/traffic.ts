/** What is sent, and how much of it: shared by the load and by the stub that answers it. */

/** Of a stream at full speed: what an answer of about 150 words has. */
export const eventsPerStream = 200

export const framesPerPacedStream = 40

/** Stands in a request for a paced stream, followed by the milliseconds between two events. */
export const pacedMark = 'paced-'

export interface Traffic {
  readonly stream: boolean
  readonly bodyBytes: number
  readonly pacedGapMs?: number
  /** No body is like another, though all are as long; else all are the same. */
  readonly isVaried?: true
}

const smallBytes = 1_024
const largeBytes = 800 * 1024

export const kinds = {
  plain: { stream: false, bodyBytes: smallBytes },
  'plain, each another': { stream: false, bodyBytes: smallBytes, isVaried: true },
  'plain, 800 KB': { stream: false, bodyBytes: largeBytes },
  stream: { stream: true, bodyBytes: smallBytes },
  'stream, 800 KB': { stream: true, bodyBytes: largeBytes },
} as const satisfies Record<string, Traffic>

export type Kind = keyof typeof kinds

export const kindNames = Object.keys(kinds) as Kind[] // The keys of a literal are its type's.

/** What the gateways are put under; to them one body is as good as another. */
export const gatewayKinds = ['plain', 'plain, 800 KB', 'stream', 'stream, 800 KB'] as const satisfies Kind[]

/** What is answered by itself may know a request again. */
export const standInKinds = ['plain', 'plain, each another', 'stream'] as const satisfies Kind[]

/** What the protocols are compared with. */
export const protocolKinds = ['plain', 'stream'] as const satisfies Kind[]

export type ProtocolKind = (typeof protocolKinds)[number]

export const maxTokens = 1_024

/** A Messages request of exactly `bodyBytes`. The alias is on purpose: it makes a gateway do all of its work. */
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

/** Gives a body for each call. Varied ones count the microseconds of the run and on, so that none comes twice in it. */
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

/** Stands at the beginning of a prompt, where a count goes. */
const countMark = '0'.repeat(12)

/** A request in JSON whose prompt is as long as makes `bodyBytes` of it. */
export function encodePadded(build: (prompt: string) => object, bodyBytes: number = smallBytes): Buffer {
  const missing = bodyBytes - Buffer.byteLength(JSON.stringify(build('')))
  const text = 'Please tell me what an ordinary prompt looks like. '
  return Buffer.from(JSON.stringify(build(text.repeat(Math.ceil(missing / text.length)).slice(0, missing))))
}
