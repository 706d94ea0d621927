import { createHash, timingSafeEqual } from 'node:crypto'

import { isLoopbackHost, readBearer } from '@anthology/wire'

import { ApiError, errors } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import { addressGroup } from '../port/connections.ts'
import type { KeyRing } from './key-ring.ts'
import type { GetClientAddress } from './client-address.ts'
import { createWindowCounter } from './window-counter.ts'
import { adminKeyCaller } from './caller.ts'
import type { Caller } from './caller.ts'

/** Authenticates the callers of the admin API. */
export interface AdminAccess {
  /** Returns the caller; rejects with an ApiError for a request without one. */
  authenticate(request: AdminClientRequest): Promise<Caller>
}

export type AdminClientRequest = Pick<ClientRequest, 'headers' | 'socket' | 'method' | 'url'>

/**
 * Finds the caller of a request that has no admin key, such as a member who is signed in. Null: the request has nothing
 * of the kind. Rejects with an ApiError for one that is not valid.
 */
export type FindMember = (request: AdminClientRequest) => Promise<Caller | null>

interface AdminAccessOptions {
  /** Undefined: no key is accepted. */
  readonly adminKey: string | undefined
  /** The ordinary keys, which get an error of their own and do not count as guesses. */
  readonly ring: Pick<KeyRing, 'find'>
  /** Default: nobody can sign in. */
  readonly findMember?: FindMember | undefined
  /** Default: the address of the connection. */
  readonly getClientAddress?: GetClientAddress | undefined
  readonly nowMs: () => number
}

export function createAdminAccess({
  adminKey,
  ring,
  findMember,
  getClientAddress = getConnectionAddress,
  nowMs,
}: AdminAccessOptions): AdminAccess {
  const expected = adminKey === undefined ? null : digest(adminKey)
  const guesses = createWindowCounter(nowMs)
  return {
    async authenticate(request) {
      const presented = listPresented(request)
      if (presented.length === 0) {
        const member = (await findMember?.(request)) ?? null
        if (member !== null) return member
        throw new ApiError('no_key', needsKey)
      }
      const address = findAddress(request, getClientAddress)
      const waitMs = guesses.getWaitMs(address, maxGuesses)
      if (waitMs > 0) {
        const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) }
        const message = 'too many wrong admin keys came from this address; wait a minute'
        throw new ApiError('rate_limited', message, errors.rate_limited, { headers })
      }
      if (expected !== null && presented.some((key) => timingSafeEqual(digest(key), expected)))
        return adminKeyCaller
      if (presented.some((key) => ring.find(key) !== undefined))
        throw new ApiError('admin_only', 'this key is for calls; the admin API needs the admin key')
      guesses.add(address)
      throw new ApiError('unknown_key', 'this is not the admin key')
    },
  }
}

const needsKey =
  'the admin key is required, as x-api-key or as a bearer token; it is in the file admin-key of the data folder, or in ANTHOLOGY_ADMIN_KEY'

/** Digests have one length, and their comparison reveals nothing about the key. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function listPresented({ headers }: Pick<ClientRequest, 'headers'>): readonly string[] {
  return [headers['x-api-key'], readBearer(headers.authorization)].filter(
    (value): value is string => typeof value === 'string' && value !== '',
  )
}

/** The client's address. A proxy on this machine appends the one it saw to `x-forwarded-for`, without being configured. */
function findAddress(
  request: Pick<ClientRequest, 'headers' | 'socket'>,
  getClientAddress: GetClientAddress,
): string {
  const address = getClientAddress(request)
  const forwarded = request.headers['x-forwarded-for']?.toString().split(',').at(-1)?.trim() ?? ''
  return addressGroup(forwarded !== '' && isLoopbackHost(address) ? forwarded : address)
}

function getConnectionAddress({ socket }: Pick<ClientRequest, 'socket'>): string {
  return socket.remoteAddress ?? ''
}

/** A person mistypes a key a few times. At this rate, trying 2^64 keys takes longer than anybody can wait. */
const maxGuesses = 10
