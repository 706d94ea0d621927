import { describeUnresolved, resolve } from '@anthology/catalog'
import type { Platform, Resolution } from '@anthology/catalog'

import { getDay } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { hashToUnit } from './rank.ts'
import type { AliasTarget, RoutingConfig } from './routing-config.ts'

/** Finds the model for a client's name: the configuration's aliases come first, then the catalog. */
export interface ResolveName {
  (name: string, platform?: Platform): Resolution
  /**
   * Resolves for one conversation: an alias with a share applies to all its calls or to none. `conversation` is called
   * only if there is such an alias.
   */
  forConversation(conversation: () => string): ResolveName
}

/** An alias that is read. */
interface Alias {
  readonly to: string
  /** From 0 to 1. */
  readonly share: number
  /** The first day, `YYYY-MM-DD`; '' if it always applies. */
  readonly from: string
}

/**
 * Creates the reader of names. Throws a GatewayError for an alias of an unknown model. Without a conversation, an alias
 * with a share below 100 % does not apply.
 */
export function createNameResolver(
  { aliases = {} }: Pick<RoutingConfig, 'aliases'> = {},
  nowMs: () => number = Date.now,
): ResolveName {
  const own = new Map(Object.entries(aliases).map(([name, target]) => [name, readAlias(name, target)]))
  if (own.size === 0) return bindResolver(() => new Map())
  return bindResolver((conversation) => {
    const day = getDay(nowMs())
    const targets = [...own].flatMap(([name, { to, share, from }]) => {
      const isIn = share >= 1 || (conversation !== null && hashToUnit(conversation(), name) < share)
      return isIn && from <= day ? [[name, to] as const] : []
    })
    return new Map(targets)
  })
}

function bindResolver(
  select: (conversation: (() => string) | null) => ReadonlyMap<string, string>,
  conversation: (() => string) | null = null,
): ResolveName {
  const resolveName = (name: string, platform?: Platform): Resolution =>
    resolve(name, { platform, aliases: select(conversation) })
  return Object.assign(resolveName, { forConversation: (given: () => string) => bindResolver(select, given) })
}

function readAlias(name: string, target: AliasTarget): Alias {
  const { to, share = '100%', from = '' } = typeof target === 'string' ? { to: target } : target
  const found = resolve(to)
  if (found.ok) return { to, share: Number.parseFloat(share) / 100, from }
  const message = `routing.aliases: '${name}' stands for '${to}', which is not a model`
  throw new GatewayError('config_invalid', message, { hint: describeUnresolved(found) })
}
