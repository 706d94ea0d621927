import type { Platform } from '@anthology/catalog'
import type { ApiVersion } from '@anthology/wire'

import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'

/** A cloud request in terms of the Messages API. */
export interface CloudRequest {
  readonly platform: Platform
  /** A body of the Messages API. */
  readonly body: Uint8Array
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
}

/** Converts a cloud call to a Messages API call, to which the cloud's rules apply. */
export function asMessagesCall(
  call: Omit<Call, 'apiVersion'>,
  { platform, body, betas, apiVersion }: CloudRequest,
): Call {
  const headers = {
    'content-type': 'application/json',
    ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
  }
  const request = { ...call.request, path: '/v1/messages', headers, body }
  return { ...call, request, platform, apiVersion }
}

/** Replaces the prefix of message ids with the cloud's, such as `msg_bdrk_`. */
export function withMessageIds(settings: Settings, prefix: string): Settings {
  const { ids } = settings
  const nextMessageId = (): string => ids.nextMessageId().replace(/^msg_/, prefix)
  return { ...settings, ids: { ...ids, nextMessageId } }
}
