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
    .filter((name) => takesCalls(upstreams, name, weightOf))
    .map((name) => ({ name, score: -Math.log(hashToUnit(conversation, name)) / weightOf(name) }))
    .toSorted((one, other) => one.score - other.score)
    .map(({ name }) => name)
}

/** False for an upstream with weight 0, unless it is alone in its group. */
export function takesCalls(
  group: readonly string[],
  name: string,
  weightOf: (upstream: string) => number,
): boolean {
  return group.length < 2 || weightOf(name) > 0
}

/** A number above 0 and below 1, evenly spread over conversations and names. */
export function hashToUnit(conversation: string, name: string): number {
  const digest = createHash('sha256').update(conversation).update('\0').update(name).digest()
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48
}

/**
 * The upstreams of a group that have more than their share of its open calls, by weight, and a quarter on top
 * ("Consistent hashing with bounded loads", Mirrokni, Thorup and Zadimoghaddam, 2016): they are slower than the others,
 * or many conversations have come to them by chance. Few open calls say nothing.
 */
export function findBusy(
  group: readonly string[],
  weightOf: (upstream: string) => number,
  openCallsAt: (upstream: string) => number,
): ReadonlySet<string> {
  const taking = group.filter((name) => takesCalls(group, name, weightOf))
  if (taking.length < 2) return none
  const open = taking.map((name) => openCallsAt(name))
  if (Math.max(...open) < minBusyCalls) return none
  const allOpen = open.reduce((sum, calls) => sum + calls)
  const allWeights = taking.reduce((sum, name) => sum + weightOf(name), 0)
  return new Set(
    taking.filter((name, index) => {
      const calls = open[index] ?? 0
      return calls >= minBusyCalls && calls > (overShare * allOpen * weightOf(name)) / allWeights
    }),
  )
}

const none: ReadonlySet<string> = new Set()

const overShare = 1.25

/** With fewer open calls no upstream is busy. */
export const minBusyCalls = 8
