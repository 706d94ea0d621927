import { createHash } from 'node:crypto'

/**
 * Orders the upstreams of a group for a conversation: weighted rendezvous hashing. Processes and replicas agree without
 * talking, each upstream gets the share of conversations that its weight says, and an upstream that leaves or joins
 * moves only its own share (Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005).
 */
export function rankByConversation(
  upstreams: readonly string[],
  conversation: string,
  weightOf: (upstream: string) => number,
): readonly string[] {
  if (upstreams.length < 2) return upstreams
  return upstreams
    .filter((name) => weightOf(name) > 0)
    .map((name) => ({ name, score: -Math.log(hashToUnit(conversation, name)) / weightOf(name) }))
    .toSorted((one, other) => one.score - other.score)
    .map(({ name }) => name)
}

/** A number above 0 and below 1, evenly spread over conversations and names. */
export function hashToUnit(conversation: string, name: string): number {
  const digest = createHash('sha256').update(conversation).update('\0').update(name).digest()
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48
}
