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
}

const largeBytes = 800 * 1024

export const kinds = {
  plain: { stream: false, bodyBytes: 1_024 },
  'plain, 800 KB': { stream: false, bodyBytes: largeBytes },
  stream: { stream: true, bodyBytes: 1_024 },
  'stream, 800 KB': { stream: true, bodyBytes: largeBytes },
} as const satisfies Record<string, Traffic>

export type Kind = keyof typeof kinds

export const kindNames = Object.keys(kinds) as Kind[] // The keys of a literal are its type's.

/** A Messages request of exactly `bodyBytes`. The alias is on purpose: it makes a gateway do all of its work. */
export function encodeBody({ stream, bodyBytes, pacedGapMs }: Traffic): Buffer {
  const request = {
    model: 'claude-opus-4-1',
    max_tokens: 1_024,
    ...(stream ? { stream } : {}),
    ...(pacedGapMs === undefined ? {} : { metadata: { user_id: `${pacedMark}${pacedGapMs}` } }),
    messages: [{ role: 'user', content: '' }],
  }
  const missing = bodyBytes - Buffer.byteLength(JSON.stringify(request))
  const text = 'Please tell me what an ordinary prompt looks like. '
  const content = text.repeat(Math.ceil(missing / text.length)).slice(0, missing)
  return Buffer.from(JSON.stringify({ ...request, messages: [{ role: 'user', content }] }))
}
