import { fastPricesOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

export type Speed = 'standard' | 'fast'

/**
 * Returns the speed of a call. If fast mode has ended for a model that still accepts `speed`, the call runs at standard
 * speed (platform.claude.com, build-with-claude/fast-mode).
 */
export function getSpeed({ speed }: MessagesRequest, { model, day }: { model: Model; day: string }): Speed {
  return speed === 'fast' && fastPricesOn(model, day) ? 'fast' : 'standard'
}
