import { fastPricesOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

export type Speed = 'standard' | 'fast'

/**
 * The speed a call runs at: where fast mode has ended for a model that still takes the member, at
 * the standard one (platform.claude.com, build-with-claude/fast-mode).
 */
export function getSpeed({ speed }: MessagesRequest, { model, day }: { model: Model; day: string }): Speed {
  return speed === 'fast' && fastPricesOn(model, day) ? 'fast' : 'standard'
}
