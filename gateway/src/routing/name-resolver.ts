import { describeUnresolved } from '@anthology/catalog'
import type { Platform, Resolution } from '@anthology/catalog'

import { getDay } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { resolveAny } from './foreign-name.ts'
import type { ForeignNames } from './foreign-name.ts'
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

export interface ResolverOptions {
  /** The models of the configuration that are not in the catalog. */
  readonly foreign?: ForeignNames
  readonly nowMs?: (() => number) | undefined
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
  { foreign = new Map(), nowMs = Date.now }: ResolverOptions = {},
): ResolveName {
  const own = new Map(
    Object.entries(aliases).map(([name, target]) => [name, readAlias(name, target, foreign)]),
  )
  if (own.size === 0) return bindResolver(() => new Map(), foreign)
  const select: SelectAliases = (conversation) => {
    const day = getDay(nowMs())
    const targets = [...own].flatMap(([name, { to, share, from }]) => {
      const isIn = share >= 1 || (conversation !== null && hashToUnit(conversation(), name) < share)
      return isIn && from <= day ? [[name, to] as const] : []
    })
    return new Map(targets)
  }
  return bindResolver(select, foreign)
}

/** Selects the aliases that apply to a conversation. */
type SelectAliases = (conversation: (() => string) | null) => ReadonlyMap<string, string>

function bindResolver(
  select: SelectAliases,
  foreign: ForeignNames,
  conversation: (() => string) | null = null,
): ResolveName {
  const resolveName = (name: string, platform?: Platform): Resolution =>
    resolveAny(name, { platform, aliases: select(conversation) }, foreign)
  const forConversation = (given: () => string): ResolveName => bindResolver(select, foreign, given)
  return Object.assign(resolveName, { forConversation })
}

function readAlias(name: string, target: AliasTarget, foreign: ForeignNames): Alias {
  const { to, share = '100%', from = '' } = typeof target === 'string' ? { to: target } : target
  const found = resolveAny(to, {}, foreign)
  if (found.ok) return { to, share: Number.parseFloat(share) / 100, from }
  const message = `routing.aliases: '${name}' stands for '${to}', which is not a model`
  throw new GatewayError('config_invalid', message, { hint: describeUnresolved(found) })
}
