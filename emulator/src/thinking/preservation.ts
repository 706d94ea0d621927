import type { Family, Model } from '@anthology/catalog'

/**
 * Whether a model keeps the thinking of earlier turns in its context; the others drop it unread and
 * do not count it (platform.claude.com, build-with-claude/thinking, Aug 2026: Opus from 4.5,
 * Sonnet from 4.6, Fable and Mythos). Haiku 5.5 is newer than the page; that it keeps them is inferred
 * from its migration guide, which asks for earlier turns to be left as they are.
 */
export function keepsEarlierThinking(model: Model): boolean {
  return model.family === 'mythos' || isFrom(model, keptFrom[model.family])
}

const keptFrom: Readonly<Record<Exclude<Family, 'mythos'>, number>> = {
  opus: 4.5,
  sonnet: 4.6,
  haiku: 5.5,
  fable: 5,
}

/**
 * From Fable 5.1 on a block is bound to its model and to its conversation (platform.claude.com,
 * build-with-claude/preserved-thinking).
 */
export function bindsThinking(model: Model): boolean {
  return isFrom(model, 5.1)
}

/**
 * Whether a model refuses a block whose conversation was changed. The service asks it of accounts
 * made since 2026-08-31, and this is such an account. Mythos 5.1 records the conversation and does not
 * look at it (Amazon Bedrock user guide, Preserved thinking).
 */
export function checksPrefix(model: Model): boolean {
  return bindsThinking(model) && !(model.family === 'mythos' && model.generation === '5.1')
}

/**
 * Whether a model may use another's thinking; what it may not use is dropped without an error
 * (build-with-claude/preserved-thinking): Fable 5.1 reads Opus 5 and Opus 5.5, the 5.2 models read only
 * their own (what's new in Claude Fable 5.2), Haiku 5.5 reads only its own while its blocks are bound
 * to no model (Amazon Bedrock user guide). That older models read each other's, later ones those of all
 * before 5.1, and Fable and Mythos of one generation each other's is inferred: "that model or an
 * earlier one", as an earlier edition of the page said.
 */
export function canRead(reader: Model, writer: Model): boolean {
  if (reader.id === writer.id || areTwins(reader, writer)) return true
  if (reader.family === 'haiku' && bindsThinking(reader)) return false
  if (isFrom(reader, 5.2) && (reader.family === 'fable' || reader.family === 'mythos')) return false
  if (!bindsThinking(writer) || writer.family === 'haiku') return true
  const isOf51 = reader.generation === '5.1'
  return isOf51 && writer.id === 'claude-opus-5-5'
}

function areTwins(one: Model, other: Model): boolean {
  const families = ['fable', 'mythos']
  return (
    one.generation === other.generation && families.includes(one.family) && families.includes(other.family)
  )
}

/** The preview of Mythos has no number and came before all of these. */
function isFrom({ generation }: Model, least: number): boolean {
  return Number.parseFloat(generation) >= least
}
