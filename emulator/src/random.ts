/** A seeded random number generator: the same fingerprint gives the same sequence. Not for secrets. */
export interface Random {
  /** Returns an integer from 0 up to, but not including, `below`. */
  below(below: number): number
  pick<Item>(items: readonly [Item, ...Item[]]): Item
}

/** Returns the items in random order, each once before any repeats. */
export function createShuffle<Item>(items: readonly [Item, ...Item[]], random: Random): () => Item {
  let left: Item[] = []
  return () => {
    if (left.length === 0) left = [...items]
    const [dealt = items[0]] = left.splice(random.below(left.length), 1)
    return dealt
  }
}

/** An incremental hash of texts: equal texts in equal order give an equal value (cyrb53's mixing). */
export interface Fingerprint {
  add(text: string): void
  value(): string
}

export function createFingerprint(seed: string): Fingerprint {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  const add = (text: string): void => {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      high = Math.imul(high ^ code, 2654435761)
      low = Math.imul(low ^ code, 1597334677)
    }
    // The boundary between two texts is hashed too: "ab", "c" differs from "a", "bc".
    high = Math.imul(high ^ 0x1ffff, 2654435761)
    low = Math.imul(low ^ 0x1ffff, 1597334677)
  }
  add(seed)
  return { add, value: () => hex(finish(high, low)) + hex(finish(low, high)) }
}

export function computeFingerprint(...texts: readonly string[]): string {
  const fingerprint = createFingerprint('')
  for (const text of texts) fingerprint.add(text)
  return fingerprint.value()
}

/** A mulberry32 generator seeded with a fingerprint. */
export function createRandom(fingerprint: string): Random {
  let state = Number.parseInt(fingerprint.slice(0, 8), 16) ^ Number.parseInt(fingerprint.slice(8), 16)
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit)
  }
  return { below, pick: (items) => items[below(items.length)] ?? items[0] }
}

/** Random characters from the alphabet of the API's ids, which has no look-alikes. */
export function createIdLetters(length: number, random: Random): string {
  let letters = ''
  while (letters.length < length) letters += alphabet.charAt(random.below(alphabet.length))
  return letters
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function finish(one: number, other: number): number {
  const mixed = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)
  return mixed >>> 0
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
