import type { Model, ReturnedThinking } from '@anthology/catalog'

/** Whether a model keeps the thinking of earlier turns in its context; the others drop it unread and do not count it. */
export function keepsEarlierThinking(model: Model): boolean {
  return readFacts(model)?.keepsEarlier ?? false
}

/** Whether a block of this model remembers the conversation it was made in. */
export function bindsThinking(model: Model): boolean {
  return (readFacts(model)?.boundTo ?? 'nothing') !== 'nothing'
}

/** Whether a model refuses a block whose conversation was changed. */
export function checksPrefix(model: Model): boolean {
  return readFacts(model)?.checksConversation ?? false
}

/** Whether a model may use another's thinking; what it may not use is dropped without an error. */
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
