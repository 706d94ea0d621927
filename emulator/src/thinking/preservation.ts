import type { Model, ReturnedThinking } from '@anthology/catalog'

/** Whether a model keeps the thinking of earlier turns in its context; other models drop it and do not count it. */
export function keepsEarlierThinking(model: Model): boolean {
  return readFacts(model)?.keepsEarlier ?? false
}

/** Whether a thinking block of this model is bound to its conversation. */
export function bindsThinking(model: Model): boolean {
  return (readFacts(model)?.boundTo ?? 'nothing') !== 'nothing'
}

/** Whether a model rejects a block whose conversation was changed. */
export function checksPrefix(model: Model): boolean {
  return readFacts(model)?.checksConversation ?? false
}

/** Whether a model can read another model's thinking; otherwise the block is dropped without an error. */
export function canRead(reader: Model, writer: Model): boolean {
  if (reader.id === writer.id) return true
  const facts = readFacts(reader)
  if (!facts) return false
  return readFacts(writer)?.boundTo === 'model_and_conversation'
    ? facts.readsBoundOf.includes(writer.id)
    : facts.readsUnbound
}

function readFacts({ thinking }: Model): ReturnedThinking | null {
  return thinking?.returned ?? null
}
