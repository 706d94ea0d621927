import type { IncomingHttpHeaders } from 'node:http'

import type { Model } from '@anthology/catalog'

import { Refusal } from './errors.ts'
import type { ClientRequest } from './exchange.ts'
import type { Key, KeyRing } from './key-ring.ts'

/** A caller that is known by name; `confirm` checks what of the proof needs the body. */
export interface Admission {
  confirm(body: Uint8Array): Key
}

/** Finds the key of a call by whatever its client proves it with. */
export function admitCaller(request: ClientRequest, ring: KeyRing): Admission {
  const key = admitKey(request.headers, ring)
  return { confirm: () => key }
}

/**
 * Finds the key of a request. Clients send it as `x-api-key`, as a bearer token
 * or as `api-key`; Claude Code may send two different values, one of them meant
 * for somebody else, so the first valid one counts.
 */
export function admitKey(headers: IncomingHttpHeaders, ring: KeyRing): Key {
  const presented = [headers['x-api-key'], bearer(headers.authorization), headers['api-key']].filter(
    (value): value is string => typeof value === 'string' && value !== '',
  )
  if (presented.length === 0) throw new Refusal('no_key', 'x-api-key header is required')
  for (const secret of presented) {
    const key = ring.find(secret)
    if (key !== undefined) return key
  }
  throw new Refusal('unknown_key', 'invalid x-api-key')
}

/** A key may be limited to some models; an alias counts as the model that it names. `where` names the item of a batch. */
export function admitModel(key: Key, model: Model, where = ''): void {
  if (key.models === null || key.models.has(model.id)) return
  const allowed = [...key.models].join(', ')
  throw new Refusal('model_not_allowed', `${where}this key may not use ${model.id}; it may use: ${allowed}`)
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization?.match(/^bearer +(\S+)\s*$/i)?.[1]
}
