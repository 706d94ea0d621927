import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bedrockTexts, encodeHex, readBearer, readSignature, verifySignature } from '@anthology/wire'
import type { BedrockError, SignatureHashes } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'
import type { Settings } from '../../settings.ts'

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

/**
 * Whether a Messages API call is signed with one of the AWS credentials, as on Bedrock's Messages endpoint and on Claude
 * Platform on AWS.
 */
export function isSignedByCredentials(
  request: EmulatorRequest,
  settings: Pick<AuthSettings, 'awsCredentials' | 'now'>,
): boolean {
  if (settings.awsCredentials === null || !request.headers['authorization']?.startsWith('AWS4-')) return false
  return authenticateSigned(request, settings, ['bedrock-mantle', 'aws-external-anthropic']).ok
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
  const verification = verifySignature(signature, credentials.secretAccessKey, body, { hashes })
  return verification.ok ? { ok: true, key: credentials.accessKeyId } : reject(verification)
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
