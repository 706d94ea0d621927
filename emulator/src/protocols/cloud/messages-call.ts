import type { Platform } from '@anthology/catalog'
import type { ApiVersion } from '@anthology/wire'

import type { Call } from '../../call.ts'
import type { Settings } from '../../settings.ts'

/** What a request to a cloud says in other places than a request to the Messages API. */
export interface CloudRequest {
  readonly platform: Platform
  /** A body of the Messages API. */
  readonly body: Uint8Array
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
}

/** The call of the Messages API that a call of a cloud comes down to; only the cloud's rules go with it. */
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

/** The same emulator, whose messages have ids that begin as those of the cloud do, such as `msg_bdrk_`. */
export function withMessageIds(settings: Settings, prefix: string): Settings {
  const { ids } = settings
  const nextMessageId = (): string => ids.nextMessageId().replace(/^msg_/, prefix)
  return { ...settings, ids: { ...ids, nextMessageId } }
}
