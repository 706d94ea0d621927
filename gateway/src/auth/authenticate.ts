import type { IncomingHttpHeaders } from 'node:http'

import type { Model } from '@anthology/catalog'
import {
  bedrockTexts,
  isSignatureHeader,
  readBearer,
  readSignature,
  verifyPayloadHash,
} from '@anthology/wire'
import type { BedrockErrorType } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import type { ProtocolName } from '../protocols/protocol.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { Key, KeyRing } from './key-ring.ts'
import { hashes } from './signing-keys.ts'

/** An identified caller; `confirm` completes the verification once the body is available. */
export interface Authentication {
  /** Null if nothing can be verified before the body arrives. */
  readonly key: Key | null
  /** The access key id that an unverified request names: it may send little before its body is verified. */
  readonly unverifiedId?: string
  confirm(body: Uint8Array): Key
}

/**
 * Finds a call's key from the credential that was sent: the key itself, or an AWS signature. AWS clients sign with any
 * credentials they find in their environment, so a valid key sent beside a signature is enough.
 */
export function authenticate(request: ClientRequest, context: AuthenticationContext): Authentication {
  const { ring } = context
  const { headers } = request
  const isSigned = isSignatureHeader(headers.authorization) || isPresigned(request)
  const key = isSigned ? findKey(headers, ring) : requireKey(headers, ring)
  const found =
    key === undefined ? authenticateSigned(request, ring, context.nowMs()) : { key, confirm: () => key }
  if (found.key !== null) {
    checkValidity(found.key, request, context)
    return found
  }
  return {
    ...found,
    confirm(body) {
      const confirmed = found.confirm(body)
      checkValidity(confirmed, request, context)
      return confirmed
    },
  }
}

/** The parts of the gateway that know keys and clients. */
type AuthenticationContext = Pick<Context, 'ring' | 'nowMs' | 'getClientAddress'>

/** Throws an ApiError for a key that has expired, or that may not be used from the client's address. */
function checkValidity(
  key: Key,
  request: Pick<ClientRequest, 'headers' | 'socket'>,
  context: Omit<AuthenticationContext, 'ring'>,
): void {
  if (key.expiresAtMs !== null && context.nowMs() >= key.expiresAtMs)
    throw new ApiError('key_expired', `this key expired at ${new Date(key.expiresAtMs).toISOString()}`)
  if (key.addresses === null) return
  const address = context.getClientAddress(request)
  if (!key.addresses.contains(address))
    throw new ApiError('address_not_allowed', `this key cannot be used from ${address}`)
}

/** Authenticates a request without a body. */
export function authenticateReader(context: AuthenticationContext, request: ClientRequest): Key {
  return authenticate(request, context).confirm(noBody)
}

const noBody = new Uint8Array(0)

/**
 * The access key id is known from the headers. The signature covers the hash of the body: if the client sends this hash
 * as a header too, as the AWS SDK for JavaScript does, it is verified before the body arrives.
 */
function authenticateSigned(request: ClientRequest, ring: KeyRing, nowMs: number): Authentication {
  const { method = '', url: target = '', headers } = request
  const signature = readSignature({ method, target, headers }, { nowMs, services: signedServices })
  if (!signature.ok) throw badSignature(signature)
  const credentials = ring.findCredentials(signature.accessKeyId)
  if (credentials === undefined)
    throw badSignature({ type: 'UnrecognizedClientException', message: bedrockTexts.unknownClient })
  const verify = (payloadHash: string): Key => {
    const signingKey = credentials.signingKeys.derive(signature.scope)
    const verified = verifyPayloadHash(signature, signingKey, payloadHash, { hashes })
    if (!verified.ok) throw badSignature(verified)
    credentials.signingKeys.keep(signature.scope, signingKey)
    return credentials.key
  }
  const { contentSha256, accessKeyId } = signature
  if (contentSha256 === null)
    return { key: null, unverifiedId: accessKeyId, confirm: (body) => verify(hashes.sha256(body)) }
  const key = verify(contentSha256)
  return {
    key,
    confirm(body) {
      if (hashes.sha256(body) === contentSha256) return key
      throw badSignature({ type: 'InvalidSignatureException', message: bedrockTexts.wrongSignature })
    },
  }
}

/** A presigned request without a key gets an error that names the problem; with a key its signature is ignored. */
function isPresigned({ url = '', headers }: ClientRequest): boolean {
  return /[?&]x-amz-signature=/i.test(url) && presentedSecrets(headers).length === 0
}

/** The AWS services that offer Claude; clients of any of them may be pointed here. */
const signedServices = ['bedrock', 'bedrock-mantle', 'aws-external-anthropic']

function badSignature({ type, message }: { type: BedrockErrorType; message: string }): ApiError {
  return new ApiError('bad_signature', message, { ...errors.bad_signature, exception: type })
}

/**
 * Finds a request's key. Clients send it as `x-api-key`, as a bearer token or as
 * `api-key`. Claude Code may send two different values, one of them meant for
 * another server, so the first valid one is used.
 */
export function authenticateKey(
  request: Pick<ClientRequest, 'headers' | 'socket'>,
  context: AuthenticationContext,
): Key {
  const key = requireKey(request.headers, context.ring)
  checkValidity(key, request, context)
  return key
}

function requireKey(headers: IncomingHttpHeaders, ring: KeyRing): Key {
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

export function mayUseModel({ models }: Key, model: Model): boolean {
  return models === null || models.has(model.id)
}

/** Checks a key's model restriction; an alias counts as the model it resolves to. `where` names the batch request. */
export function authorizeModel(key: Key, model: Model, where = ''): void {
  if (mayUseModel(key, model)) return
  const allowed = [...(key.models ?? [])].join(', ')
  throw new ApiError('model_not_allowed', `${where}this key cannot use ${model.id}; use one of: ${allowed}`)
}

/** Checks a key's restriction to protocols. Batches and files belong to the Messages API. */
export function authorizeProtocol({ protocols }: Key, protocol: ProtocolName): void {
  if (protocols === null || protocols.has(protocol)) return
  const allowed = [...protocols].join(', ')
  throw new ApiError(
    'protocol_not_allowed',
    `this key cannot use the protocol ${protocol}; use one of: ${allowed}`,
  )
}

/** Whether a key may use an upstream: one without a region has none of the allowed ones. */
export function mayUseRegion(
  { regions }: Pick<Key, 'regions'>,
  { region }: Pick<UpstreamAccount, 'region'>,
): boolean {
  return regions === null || (region !== undefined && regions.has(region))
}

function presentedSecrets(headers: IncomingHttpHeaders): readonly string[] {
  return [headers['x-api-key'], readBearer(headers.authorization), headers['api-key']].filter(
    (value): value is string => typeof value === 'string' && value !== '',
  )
}
