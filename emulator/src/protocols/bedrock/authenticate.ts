import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bedrockTexts, encodeHex, readBearer, readSignature, verifySignature } from '@anthology/wire'
import type { BedrockError, SignatureHashes } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'
import type { Settings } from '../../options/settings.ts'

export type BedrockAuthentication =
  | {
      readonly ok: true
      /** The caller's key or access key id; null: the request had none. */
      readonly key: string | null
    }
  | { readonly ok: false; readonly error: BedrockError }

type AuthSettings = Pick<Settings, 'keys' | 'awsCredentials' | 'now'>

/**
 * Authenticates a request on Bedrock's paths: by a bearer token that is one of the keys (a "Bedrock API key"), or by a
 * signature with one of the AWS credentials. If neither is configured, every request is accepted and signatures are not
 * verified.
 */
export function authenticateBedrock(
  request: EmulatorRequest,
  { keys, awsCredentials, now }: AuthSettings,
): BedrockAuthentication {
  const bearer = readBearer(request.headers['authorization'])
  if (keys === null && awsCredentials === null) return { ok: true, key: bearer }
  if (bearer !== null) return keys?.has(bearer) ? { ok: true, key: bearer } : reject(unknownApiKey)

  return authenticateSigned(request, { awsCredentials, now }, ['bedrock'])
}

/** Authenticates a request on the path of Bedrock's Messages API: by a key, or by a signature for either of its hosts. */
export function authenticateMessages(
  request: EmulatorRequest,
  { keys, awsCredentials, now }: AuthSettings,
): BedrockAuthentication {
  const { authorization } = request.headers
  const given = request.headers['x-api-key'] ?? readBearer(authorization)
  if (keys === null && awsCredentials === null) return { ok: true, key: given }
  if (given !== null) return keys?.has(given) ? { ok: true, key: given } : reject(unknownApiKey)
  return authenticateSigned(request, { awsCredentials, now }, ['bedrock', 'bedrock-mantle'])
}

/** Whether a call of the Claude API is signed with one of the AWS credentials, as on Claude Platform on AWS. */
export function isSignedByCredentials(
  request: EmulatorRequest,
  settings: Pick<AuthSettings, 'awsCredentials' | 'now'>,
): boolean {
  if (settings.awsCredentials === null || readService(request.headers) === null) return false
  return authenticateSigned(request, settings, ['aws-external-anthropic']).ok
}

/** The service in the scope of a signature; null: the request is not signed. */
export function readService({ authorization = '' }: Readonly<Record<string, string>>): string | null {
  if (!authorization.startsWith('AWS4-')) return null
  return /\bCredential=[^/\s]+\/\d{8}\/[^/\s]*\/([^/\s]+)\/aws4_request/.exec(authorization)?.[1] ?? ''
}

function authenticateSigned(
  request: EmulatorRequest,
  { awsCredentials, now }: Pick<AuthSettings, 'awsCredentials' | 'now'>,
  services: readonly string[],
): BedrockAuthentication {
  const { method, path: target, headers } = request
  const signature = readSignature({ method, target, headers }, { nowMs: now(), services })
  if (!signature.ok) return reject(signature)
  const credentials = awsCredentials?.find(({ accessKeyId }) => accessKeyId === signature.accessKeyId)
  if (!credentials) return reject(unknownClient)
  const body = request.body ?? new Uint8Array()
  const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs = Number.POSITIVE_INFINITY } = credentials
  const required = sessionToken === undefined ? {} : { sessionToken }
  const verification = verifySignature(signature, secretAccessKey, body, { hashes, ...required })
  if (!verification.ok) return reject(verification)
  return expiresAtMs > now() ? { ok: true, key: accessKeyId } : reject(expiredToken)
}

function reject({ type, message }: BedrockError): BedrockAuthentication {
  return { ok: false, error: { type, message } }
}

const unknownApiKey = { type: 'AccessDeniedException', message: bedrockTexts.unknownApiKey } as const
const expiredToken = { type: 'ExpiredTokenException', message: bedrockTexts.expiredToken } as const
const unknownClient = { type: 'UnrecognizedClientException', message: bedrockTexts.unknownClient } as const

const hashes: SignatureHashes = {
  sha256: (data) => encodeHex(sha256(typeof data === 'string' ? utf8.encode(data) : data)),
  hmacSha256: (key, text) => hmac(sha256, key, utf8.encode(text)),
}

const utf8 = new TextEncoder()
