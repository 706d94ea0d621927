import { signHeaders } from './aws-signature.ts'
import type { LoadRequest } from './load-request.ts'
import type { Target } from './targets.ts'
import { encodeBody, encodePadded, kinds, maxTokens } from './traffic.ts'
import type { ProtocolKind } from './traffic.ts'

/** The protocols of one Anthology, with their paths and authentication; the first is the baseline for the others. */
export const protocolNotes = {
  messages: '`/v1/messages` with `x-api-key`',
  vertex: "`:rawPredict` and `:streamRawPredict`, the key as Google's bearer token",
  invoke: '`/invoke` and `/invoke-with-response-stream`, the key as a bearer token',
  'invoke, signed': 'the same with Signature Version 4: the server hashes the body and verifies',
  'invoke, signed, h2c':
    "the same over one HTTP/2 connection with 16 streams at a time, as AWS's JavaScript SDK sends",
  converse: '`/converse` and `/converse-stream`: translated both ways, not re-framed',
  chat: '`/v1/chat/completions`: translated both ways',
} as const

export type ProtocolName = keyof typeof protocolNotes

export const protocolNames = Object.keys(protocolNotes) as ProtocolName[] // The keys of the literal are exactly its type's.

/** The same prompt in a request of the same size, in the format of each protocol. */
export function requestAt(protocol: ProtocolName, target: Target, kind: ProtocolKind): LoadRequest {
  const parts = protocols[protocol](target, kind === 'stream')
  return { url: target.url, overHttp2: protocol === 'invoke, signed, h2c', ...parts }
}

/** A text near the end of a complete response, which a truncated one lacks. */
export function findEnd(protocol: ProtocolName, kind: ProtocolKind): string {
  return ends[protocol][kind === 'stream' ? 1 : 0]
}

const messageEnds = ['"stop_reason":"end_turn"', 'message_stop'] as const
/** An event is base64 on the wire; its beginning is constant. */
const invokeEnds = [messageEnds[0], Buffer.from('{"type":"message_stop"').toString('base64', 0, 21)] as const

const ends: Record<ProtocolName, readonly [plain: string, stream: string]> = {
  messages: messageEnds,
  vertex: messageEnds,
  invoke: invokeEnds,
  'invoke, signed': invokeEnds,
  'invoke, signed, h2c': invokeEnds,
  converse: ['"stopReason":"end_turn"', 'metadata'],
  chat: ['"finish_reason":"stop"', '[DONE]'],
}

interface Parts {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const protocols: Record<ProtocolName, (target: Target, stream: boolean) => Parts> = {
  messages: ({ headers }, stream) => ({
    path: '/v1/messages',
    headers,
    body: encodeBody(kinds[stream ? 'stream' : 'plain']),
  }),
  vertex: (target, stream) => ({
    path: `/v1/projects/bench/locations/us-east5/publishers/anthropic/models/claude-opus-4-1@20250805:${stream ? 'streamRawPredict' : 'rawPredict'}`,
    headers: readBearer(target),
    // Google's clients repeat in the body what the path contains.
    body: encodePadded((content) => ({
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: maxTokens,
      ...(stream ? { stream } : {}),
      messages: [{ role: 'user', content }],
    })),
  }),
  invoke: (target, stream) => ({ ...invocation(stream), headers: readBearer(target) }),
  'invoke, signed': signedInvocation,
  'invoke, signed, h2c': signedInvocation,
  converse: (target, stream) => ({
    path: `${bedrockModel}/${stream ? 'converse-stream' : 'converse'}`,
    headers: readBearer(target),
    body: encodePadded((text) => ({
      inferenceConfig: { maxTokens },
      messages: [{ role: 'user', content: [{ text }] }],
    })),
  }),
  chat: (target, stream) => ({
    path: '/v1/chat/completions',
    headers: readBearer(target),
    body: encodePadded((content) => ({
      model: 'claude-opus-4-1',
      max_tokens: maxTokens,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
      messages: [{ role: 'user', content }],
    })),
  }),
}

const bedrockModel = '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0'

function invocation(stream: boolean): Pick<Parts, 'path' | 'body'> {
  return {
    path: `${bedrockModel}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
    body: encodePadded((content) => ({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: maxTokens,
      messages: [{ role: 'user', content }],
    })),
  }
}

function signedInvocation({ url }: Target, stream: boolean): Parts {
  const { path, body } = invocation(stream)
  const unsigned = { host: new URL(url).host, path, headers: json, body }
  return { path, body, headers: signHeaders(unsigned, new Date()) }
}

function readBearer({ headers }: Target): Record<string, string> {
  return { ...json, authorization: `Bearer ${headers['x-api-key'] ?? ''}` }
}

const json = { 'content-type': 'application/json' }
