import type { Model, ReturnedThinking } from '@anthology/catalog'

/** Whether a model keeps the thinking of earlier turns in its context; the others drop it unread and do not count it. */
export function keepsEarlierThinking(model: Model): boolean {
  return factsOf(model)?.keepsEarlier ?? false
}

/** Whether a block of this model remembers the conversation it was made in. */
export function bindsThinking(model: Model): boolean {
  return (factsOf(model)?.boundTo ?? 'nothing') !== 'nothing'
}

/** Whether a model refuses a block whose conversation was changed. */
export function checksPrefix(model: Model): boolean {
  return factsOf(model)?.checksConversation ?? false
}

/** Whether a model may use another's thinking; what it may not use is dropped without an error. */
export function canRead(reader: Model, writer: Model): boolean {
  if (reader.id === writer.id) return true
  const facts = factsOf(reader)
  if (!facts) return false
  return factsOf(writer)?.boundTo === 'model_and_conversation'
    ? facts.readsBoundOf.includes(writer.id)
    : facts.readsUnbound
}

function factsOf({ thinking }: Model): ReturnedThinking | null {
  return thinking?.returned ?? null
}
