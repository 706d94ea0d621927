import { getMantleName, isProfileOnly } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Name } from './name.ts'

export interface RespellOptions {
  /** Replace an alias by a pinned id. */
  readonly pin?: boolean | undefined
  /** The name is the model of a call on Bedrock, so that a model without on-demand throughput needs a profile. */
  readonly isCall?: boolean | undefined
  /** The prefix for such a call; null: not known. */
  readonly profile?: string | null | undefined
}

/** A new name in the spelling of the old one, or the reason why there is none. */
export type Respelled =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly because: string }

/** Writes the name of the target as the given name is written: the same platform, profile, prefix and kind. */
export function respell(name: Name, target: Model, options: RespellOptions = {}): Respelled {
  if (name.fixed !== null) return { ok: false, because: name.fixed }
  switch (name.form) {
    case 'id':
      return spelled(target.id, name)
    case 'alias':
      return spelled(options.pin === true ? target.id : getAlias(target, name.text), name)
    case 'undated':
      return spelled(options.pin === true ? target.id : getAlias(target, ''), name)
    case 'dotted':
      return respellDotted(name, target)
    case 'bedrock':
      return respellBedrock(name, target, options)
    case 'mantle':
      return found(getMantleName(target), `${target.name} is not on Bedrock's Messages endpoint.`)
    case 'vertex':
      return found(target.platforms.vertex, `${target.name} is not on Google Cloud.`)
    case 'display':
      return spelled(target.name, name)
    case 'constant':
      return respellConstant(name, target, options)
  }
}

/** The alias of a target: one that ends with `-latest` for a name that does, else its shortest; else its id. */
function getAlias(target: Model, text: string): string {
  const { aliases } = target
  const latest = text.endsWith('-latest') ? aliases.find((alias) => alias.endsWith('-latest')) : undefined
  return latest ?? aliases[0] ?? target.id
}

function spelled(text: string, { text: old }: Name): Respelled {
  const window = /\[1m\]$/i.exec(old)?.[0] ?? ''
  return { ok: true, text: text + window }
}

function found(text: string | null, because: string): Respelled {
  return text === null ? { ok: false, because } : { ok: true, text }
}

/** OpenRouter and Vercel: `claude-3.7-sonnet`, and from Claude 4 on `claude-sonnet-4.5`. */
function respellDotted({ text }: Name, target: Model): Respelled {
  if (text.includes(':'))
    return { ok: false, because: 'The suffix of the router is not known for the target.' }
  const { family, generation } = target
  const isOld = Number.parseInt(generation, 10) < 4
  return { ok: true, text: isOld ? `claude-${generation}-${family}` : `claude-${family}-${generation}` }
}

function respellBedrock({ text, profile }: Name, target: Model, options: RespellOptions): Respelled {
  const id = target.platforms.bedrock
  if (id === null) return { ok: false, because: `${target.name} is not on Bedrock.` }
  if (/:\d+k$/.test(text)) return { ok: false, because: 'The name is one of provisioned throughput.' }
  const cut = /-v\d$/.test(text) ? id.replace(/:0$/, '') : id
  if (!/anthropic\./i.test(text)) return { ok: true, text: cut.replace('anthropic.', '') }
  const wanted = profile ?? (options.isCall === true && isProfileOnly(target) ? options.profile : null)
  if (wanted === undefined)
    return {
      ok: false,
      because: `${target.name} is served through inference profiles only (${listProfiles(target)}), and the region of this call is not known.`,
    }
  if (wanted === null) return { ok: true, text: cut }
  const listed = target.bedrockProfiles ?? []
  const isUnlisted =
    !listed.includes(wanted) && !target.uncertain.some((fact) => fact.includes('inference profile'))
  if (isUnlisted)
    return {
      ok: false,
      because: `No source lists an inference profile ${wanted}. of ${target.name}; known: ${listProfiles(target)}.`,
    }
  return { ok: true, text: `${wanted}.${cut}` }
}

function listProfiles({ bedrockProfiles }: Model): string {
  return (bedrockProfiles ?? []).map((prefix) => `${prefix}.`).join(', ') || 'none'
}

/** `ModelClaudeOpus5_5` and `CLAUDE_OPUS_5_5`; two numbers are joined by an underscore in both. */
function respellConstant({ text }: Name, target: Model, { pin }: RespellOptions): Respelled {
  const prefix = text.replace(/C(?:laude|LAUDE)\w*$/, '')
  const old = text.slice(prefix.length)
  const isAlias = pin !== true && !/\d{8}$/.test(old)
  const parts = (isAlias ? getAlias(target, '') : target.id).split('-')
  const isUpper = old.startsWith('CLAUDE')
  const name = isUpper ? parts.join('_').toUpperCase() : parts.map(capitalize).reduce(joinPart)
  return { ok: true, text: prefix + name }
}

function joinPart(before: string, part: string): string {
  return /\d$/.test(before) && /^\d/.test(part) ? `${before}_${part}` : before + part
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
