import type { IncomingHttpHeaders } from 'node:http'

import type { Model } from '@anthology/catalog'
import { bedrockTexts, isSignatureHeader, readSignature, verifySignature } from '@anthology/wire'
import type { BedrockErrorType } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import type { Key, KeyRing } from './key-ring.ts'
import { hashes } from './signing-keys.ts'

/** A caller that is known by name; `confirm` checks what of the proof needs the body. */
export interface Authentication {
  /** Null where nothing is proved before the body is there. */
  readonly key: Key | null
  confirm(body: Uint8Array): Key
}

/**
 * Finds the key of a call by whatever its client proves it with: the key itself, or a signature of AWS's kind. Clients of
 * AWS sign with whatever pair they find, so a key beside a signature is enough.
 */
export function authenticate(request: ClientRequest, ring: KeyRing, nowMs: number): Authentication {
  const { headers } = request
  const isSigned = isSignatureHeader(headers.authorization) || isPresigned(request)
  const key = isSigned ? findKey(headers, ring) : authenticateKey(headers, ring)
  return key === undefined ? authenticateSigned(request, ring, nowMs) : { key, confirm: () => key }
}

/** Finds the key of a request that has no body. */
export function authenticateReader(
  { ring, nowMs }: Pick<Context, 'ring' | 'nowMs'>,
  request: ClientRequest,
): Key {
  return authenticate(request, ring, nowMs()).confirm(noBody)
}

const noBody = new Uint8Array(0)

/** Who signs is known before the body is there, whether rightly only after. */
function authenticateSigned(request: ClientRequest, ring: KeyRing, nowMs: number): Authentication {
  const { method = '', url: target = '', headers } = request
  const signature = readSignature({ method, target, headers }, { nowMs, services: signedServices })
  if (!signature.ok) throw badSignature(signature)
  const credentials = ring.findCredentials(signature.accessKeyId)
  if (credentials === undefined)
    throw badSignature({ type: 'UnrecognizedClientException', message: bedrockTexts.unknownClient })
  return {
    key: null,
    confirm(body) {
      const signingKey = credentials.signingKeys.derive(signature.scope)
      const verified = verifySignature(signature, signingKey, body, { hashes })
      if (!verified.ok) throw badSignature(verified)
      credentials.signingKeys.keep(signature.scope, signingKey)
      return credentials.key
    },
  }
}

/** A signature in the query alone is refused by its name; beside a key it is no business of ours. */
function isPresigned({ url = '', headers }: ClientRequest): boolean {
  return /[?&]x-amz-signature=/i.test(url) && presentedSecrets(headers).length === 0
}

/** The surfaces of AWS that carry Claude; clients of all of them may be pointed here. */
const signedServices = ['bedrock', 'bedrock-mantle', 'aws-external-anthropic']

function badSignature({ type, message }: { type: BedrockErrorType; message: string }): ApiError {
  return new ApiError('bad_signature', message, { ...errors.bad_signature, exception: type })
}

/**
 * Finds the key of a request. Clients send it as `x-api-key`, as a bearer token
 * or as `api-key`; Claude Code may send two different values, one of them meant
 * for somebody else, so the first valid one counts.
 */
export function authenticateKey(headers: IncomingHttpHeaders, ring: KeyRing): Key {
  const key = findKey(headers, ring)
  if (key !== undefined) return key
  if (presentedSecrets(headers).length === 0) throw new ApiError('no_key', 'x-api-key header is required')
  throw new ApiError('unknown_key', 'invalid x-api-key')
}

function findKey(headers: IncomingHttpHeaders, ring: KeyRing): Key | undefined {
  for (const secret of presentedSecrets(headers)) {
    const key = ring.find(secret)
    if (key !== undefined) return key
  }
  return undefined
}

/** A key may be limited to some models; an alias counts as the model that it names. `where` names the item of a batch. */
export function authorizeModel(key: Key, model: Model, where = ''): void {
  if (key.models === null || key.models.has(model.id)) return
  const allowed = [...key.models].join(', ')
  throw new ApiError('model_not_allowed', `${where}this key may not use ${model.id}; it may use: ${allowed}`)
}

function presentedSecrets(headers: IncomingHttpHeaders): readonly string[] {
  return [headers['x-api-key'], bearer(headers.authorization), headers['api-key']].filter(
    (value): value is string => typeof value === 'string' && value !== '',
  )
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization?.match(/^bearer +(\S+)\s*$/i)?.[1]
}
