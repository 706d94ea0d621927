import { isDay } from '@anthology/catalog'

import { hintAtModels, resolveAny } from './foreign-name.ts'
import type { ForeignNames } from './foreign-name.ts'
import type { AliasTarget } from './routing-config.ts'

/** An alias whose target is checked. */
export interface Alias {
  readonly to: string
  /** From 0 to 1. */
  readonly share: number
  /** The first day, `YYYY-MM-DD`; '' if it always applies. */
  readonly from: string
}

/** The first thing that is wrong with an alias. */
export interface AliasProblem {
  /** The member of the target that it is about. */
  readonly member: 'to' | 'share' | 'from'
  readonly message: string
  readonly hint: string
}

/** Reads an alias of the configuration, or one that was changed at run time. */
export function readAlias(
  name: string,
  target: AliasTarget,
  foreign: ForeignNames,
): { readonly alias: Alias } | { readonly problem: AliasProblem } {
  const { to, share: text = '100%', from = '' } = typeof target === 'string' ? { to: target } : target
  const share = Number.parseFloat(text) / 100
  const found = resolveAny(to, {}, foreign)
  if (!found.ok) {
    const message = `'${name}' stands for '${to}', which is not a model`
    return { problem: { member: 'to', message, hint: hintAtModels(found) } }
  }
  if (share < 1 && !resolveAny(name, {}, foreign).ok) {
    const message = `'${name}' has a share of ${text}, but the other conversations have no model: '${name}' is not one by itself`
    return { problem: { member: 'share', message, hint: 'Leave the share out, or use the name of a model.' } }
  }
  if (from !== '' && !isDay(from)) {
    const message = `'${name}' applies from '${from}', which is not a day`
    return { problem: { member: 'from', message, hint: 'Write the day as YYYY-MM-DD.' } }
  }
  return { alias: { to, share, from } }
}
