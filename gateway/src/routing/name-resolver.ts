import type { Platform, Resolution } from '@anthology/catalog'

import { getDay } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { readAlias } from './alias.ts'
import type { Alias } from './alias.ts'
import { resolveAny } from './foreign-name.ts'
import type { ForeignNames } from './foreign-name.ts'
import { hashToUnit } from './rank.ts'
import type { RoutingConfig } from './routing-config.ts'

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
  /** The aliases that were changed at run time; they precede those of the configuration. Another map after each change. */
  readonly getChanged?: () => ReadonlyMap<string, Alias>
}

/**
 * Creates the reader of names. Throws a GatewayError for an alias that is not valid. Without a conversation, an alias
 * with a share below 100 % does not apply.
 */
export function createNameResolver(
  { aliases = {} }: Pick<RoutingConfig, 'aliases'> = {},
  { foreign = new Map(), nowMs = Date.now, getChanged = () => noAliases }: ResolverOptions = {},
): ResolveName {
  const configured = new Map(
    Object.entries(aliases).map(([name, target]) => {
      const read = readAlias(name, target, foreign)
      if ('alias' in read) return [name, read.alias]
      const { message, hint } = read.problem
      throw new GatewayError('config_invalid', `routing.aliases: ${message}`, { hint })
    }),
  )
  let changed = noAliases
  let all: ReadonlyMap<string, Alias> = configured
  const select: SelectAliases = (conversation) => {
    const current = getChanged()
    if (current !== changed) {
      changed = current
      all = new Map([...configured, ...current])
    }
    if (all.size === 0) return noTargets
    const day = getDay(nowMs())
    const targets = [...all].flatMap(([name, { to, share, from }]) => {
      const isIn = share >= 1 || (conversation !== null && hashToUnit(conversation(), name) < share)
      return isIn && from <= day ? [[name, to] as const] : []
    })
    return new Map(targets)
  }
  return bindResolver(select, foreign)
}

const noAliases: ReadonlyMap<string, Alias> = new Map()
const noTargets: ReadonlyMap<string, string> = new Map()

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
