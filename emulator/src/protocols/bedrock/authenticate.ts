import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bedrockTexts, encodeHex, readBearer, readSignature, verifySignature } from '@anthology/wire'
import type { BedrockError, SignatureHashes } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'
import type { Settings } from '../../settings.ts'

export type BedrockAuthentication =
  | {
      readonly ok: true
      /** The key or the access key id that calls; null: the caller sent none. */
      readonly key: string | null
    }
  | { readonly ok: false; readonly error: BedrockError }

type Guards = Pick<Settings, 'keys' | 'awsCredentials' | 'now'>

/**
 * Who calls on Bedrock's paths: a bearer token that is one of the keys (a "Bedrock API key"), or a signature of one
 * of the pairs. Where neither keys nor pairs are given everybody is let in, and a signature is not looked at.
 */
export function authenticateBedrock(
  request: EmulatorRequest,
  { keys, awsCredentials, now }: Guards,
): BedrockAuthentication {
  const bearer = readBearer(request.headers['authorization'])
  if (keys === null && awsCredentials === null) return { ok: true, key: bearer }
  if (bearer !== null) return keys?.has(bearer) ? { ok: true, key: bearer } : reject(unknownApiKey)

  return authenticateSigned(request, { awsCredentials, now }, ['bedrock'])
}

/**
 * Whether one of the pairs signed a call of the Messages API, as clients do at Bedrock's Messages endpoint and at
 * Claude Platform on AWS.
 */
export function isSignedByCredentials(
  request: EmulatorRequest,
  guards: Pick<Guards, 'awsCredentials' | 'now'>,
): boolean {
  if (guards.awsCredentials === null || !request.headers['authorization']?.startsWith('AWS4-')) return false
  return authenticateSigned(request, guards, ['bedrock-mantle', 'aws-external-anthropic']).ok
}

function authenticateSigned(
  request: EmulatorRequest,
  { awsCredentials, now }: Pick<Guards, 'awsCredentials' | 'now'>,
  services: readonly string[],
): BedrockAuthentication {
  const { method, path: target, headers } = request
  const signature = readSignature({ method, target, headers }, { nowMs: now(), services })
  if (!signature.ok) return reject(signature)
  const pair = awsCredentials?.find(({ accessKeyId }) => accessKeyId === signature.accessKeyId)
  if (!pair) return reject(unknownClient)
  const body = request.body ?? new Uint8Array()
  const verdict = verifySignature(signature, pair.secretAccessKey, body, { hashes })
  return verdict.ok ? { ok: true, key: pair.accessKeyId } : reject(verdict)
}

function reject({ type, message }: BedrockError): BedrockAuthentication {
  return { ok: false, error: { type, message } }
}

const unknownApiKey = { type: 'AccessDeniedException', message: bedrockTexts.unknownApiKey } as const
const unknownClient = { type: 'UnrecognizedClientException', message: bedrockTexts.unknownClient } as const

const hashes: SignatureHashes = {
  sha256: (data) => encodeHex(sha256(typeof data === 'string' ? utf8.encode(data) : data)),
  hmacSha256: (key, text) => hmac(sha256, key, utf8.encode(text)),
}

const utf8 = new TextEncoder()
