import { isRecord } from '@anthology/wire'

/**
 * What a call keeps of its cacheable blocks: short keyed hashes, "tags", in the order in which caches see the blocks. A
 * tag says whether two blocks are equal, and nothing else about them.
 */
export interface BlockTags {
  /** Names the secret of the tags; those of different secrets cannot be compared. */
  readonly key: string
  readonly tools: TaggedPart
  readonly system: TaggedPart
  readonly messages: TaggedPart
  /** The tags of `thinking` and `tool_choice`, on which the cached messages depend. */
  readonly settings: string
  /** Places of breakpoints, such as `t3`, `s1:1h` or `m12.2`; `a` is the automatic one at the last block. */
  readonly breakpoints: readonly string[]
}

/**
 * The tags of one part of the prompt. Level 0 has a tag for each block, with a dot between messages; level 1 one for each
 * tool, system block or message; each further level halves their number: a tag covers 2, 4, 8, ... of them.
 */
export interface TaggedPart {
  readonly level: number
  /** The number of tools, system blocks or messages. */
  readonly count: number
  readonly tags: string
  /** True if the part was too long: those after `count` have no tags. */
  readonly isCut?: true
}

/** The characters of a tag: 24 bits in base64url. */
const tagLength = 4

/** Prints the tags of a part within `maxLength` characters, by the lowest level that fits. `groups`: those of each message. */
export function createPart(
  groups: readonly (readonly string[])[],
  {
    isCut,
    minLevel,
    maxLength,
  }: { readonly isCut: boolean; readonly minLevel: 0 | 1; readonly maxLength: number },
): TaggedPart {
  const count = groups.length
  const cut = isCut ? { isCut: true as const } : {}
  const blocks = groups.map((tags) => tags.join('')).join('.')
  if (minLevel === 0 && blocks.length <= maxLength) return { level: 0, count, tags: blocks, ...cut }
  let level = 1
  let tags: readonly string[] = groups.map(foldTags)
  while (tags.length * tagLength > maxLength) {
    tags = foldPairs(tags)
    level += 1
  }
  return { level, count, tags: tags.join(''), ...cut }
}

/** A place in a prompt. Numbers count from 1. */
export interface BlockPlace {
  readonly part: 'tools' | 'system' | 'messages'
  /** The number of the tool, the system block or the message. */
  readonly from: number
  /** The same as `from`, or the last one of a range: long conversations have one tag for several messages. */
  readonly to: number
  /** The block of a message; null for tools and system blocks, and where only the message is known. */
  readonly block: number | null
}

/** The first difference of a prompt from the cached prefix of the one before. */
export type PrefixChange =
  | (BlockPlace & { readonly kind: 'changed' | 'added' | 'removed' | 'moved' })
  | { readonly part: 'settings'; readonly setting: Setting; readonly kind: 'changed' }

export const settings = ['thinking', 'tool_choice'] as const

export type Setting = (typeof settings)[number]

/**
 * Finds the first difference between the cached prefix of a call and the prompt of the next one. `same`: there is none.
 * `unknown`: it cannot be told, because a prompt is longer than its tags, or the tags are of different secrets.
 */
export function findPrefixChange(before: BlockTags, after: BlockTags): PrefixChange | 'same' | 'unknown' {
  if (before.key !== after.key) return 'unknown'
  const reach = findReach(before)
  for (const part of ['tools', 'system', 'messages'] as const) {
    if (part === 'messages') {
      const setting = findChangedSetting(before, after)
      if (setting !== null) return { part: 'settings', setting, kind: 'changed' }
    }
    const isLast = reach?.part === part
    const found = findPartChange(before[part], after[part], part, isLast ? reach : null)
    if (found !== 'same') return found
    if (isLast) return 'same'
  }
  return 'same'
}

/** The places of the breakpoints of a call, in order; the automatic one is at the last block that has a tag. */
export function listBreakpoints(
  tags: BlockTags,
): readonly (Omit<BlockPlace, 'to'> & { readonly lifetime: '5m' | '1h' })[] {
  return tags.breakpoints.flatMap((text) => {
    const { part = '', from, block, ttl } = breakpointPattern.exec(text)?.groups ?? {}
    const lifetime = ttl === undefined ? '5m' : '1h'
    if (part === 'a') {
      const last = (['messages', 'system', 'tools'] as const).find((name) => tags[name].count > 0)
      return last === undefined ? [] : [{ part: last, from: tags[last].count, block: null, lifetime }]
    }
    const name = partNames[part]
    if (name === undefined) return []
    return [{ part: name, from: Number(from), block: block === undefined ? null : Number(block), lifetime }]
  })
}

const breakpointPattern = /^(?<part>[tsma])(?<from>\d+)?(?:\.(?<block>\d+))?(?<ttl>:1h)?$/

const partNames: Readonly<Record<string, BlockPlace['part']>> = { t: 'tools', s: 'system', m: 'messages' }

/** The last breakpoint; null: the whole prompt may be cached. */
function findReach(tags: BlockTags): Omit<BlockPlace, 'to'> | null {
  // A breakpoint may be behind the messages that have tags.
  if (tags.messages.isCut || tags.breakpoints.some((text) => text.startsWith('a'))) return null
  return listBreakpoints(tags).at(-1) ?? null
}

function findChangedSetting(before: BlockTags, after: BlockTags): Setting | null {
  const pick = ({ settings: tags }: BlockTags, at: number) => tags.slice(at * tagLength, (at + 1) * tagLength)
  return settings.find((_, at) => pick(before, at) !== pick(after, at)) ?? null
}

/** `reach`: the last place of the prefix; null if the prefix continues behind this part. */
function findPartChange(
  before: TaggedPart,
  after: TaggedPart,
  part: BlockPlace['part'],
  reach: Omit<BlockPlace, 'to'> | null,
): PrefixChange | 'same' | 'unknown' {
  const level = Math.max(before.level, after.level)
  const [old, now] = [readEntries(before, level), readEntries(after, level)]
  const isInPrefix = ({ from, block }: Entry): boolean =>
    reach === null ||
    from < reach.from ||
    (from === reach.from && (block === null || reach.block === null || block <= reach.block))
  const prefix = old.filter(isInPrefix)
  const longest = reach === null && part !== 'messages' ? Math.max(prefix.length, now.length) : prefix.length
  for (let at = 0; at < longest; at += 1) {
    const [one, other] = [prefix[at], now[at]]
    if (one?.tag === other?.tag) continue
    // Blocks without a tag may be equal.
    if ((one === undefined && before.isCut) || (other === undefined && after.isCut)) return 'unknown'
    // The longer of two ranges with one start covers messages that came later.
    if (one !== undefined && one.from === other?.from && one.to !== other.to) return 'unknown'
    const kind = describeKind(old.slice(at), now.slice(at))
    const { from, to, block } = (kind === 'added' ? other : one) ?? other ?? one ?? noEntry
    return { part, from, to, block, kind }
  }
  return before.isCut ? 'unknown' : 'same'
}

function describeKind(
  old: readonly Entry[],
  now: readonly Entry[],
): 'changed' | 'added' | 'removed' | 'moved' {
  const [one, other] = [old[0], now[0]]
  const stays = one !== undefined && now.some(({ tag }) => tag === one.tag)
  const wasThere = other !== undefined && old.some(({ tag }) => tag === other.tag)
  if (stays && wasThere) return 'moved'
  if (one === undefined || stays) return 'added'
  return other === undefined || wasThere ? 'removed' : 'changed'
}

/** What one tag covers. */
interface Entry {
  readonly tag: string
  readonly from: number
  readonly to: number
  readonly block: number | null
}

const noEntry: Entry = { tag: '', from: 1, to: 1, block: null }

/** The tags of a part at a level that is not below its own. */
function readEntries(part: TaggedPart, level: number): readonly Entry[] {
  if (level === 0)
    return readGroups(part).flatMap((tags, group) =>
      tags.map((tag, at) => ({ tag, from: group + 1, to: group + 1, block: at + 1 })),
    )
  let tags = part.level === 0 ? readGroups(part).map(foldTags) : splitTags(part.tags)
  for (let at = Math.max(part.level, 1); at < level; at += 1) tags = foldPairs(tags)
  const size = 2 ** (level - 1)
  return tags.map((tag, at) => ({
    tag,
    from: at * size + 1,
    to: Math.min((at + 1) * size, part.count),
    block: null,
  }))
}

function readGroups({ tags, count }: TaggedPart): readonly (readonly string[])[] {
  return count === 0 ? [] : tags.split('.').map(splitTags)
}

function splitTags(tags: string): readonly string[] {
  return tags.match(/.{4}/g) ?? []
}

/** One tag for the blocks of a message. A single block keeps its own. */
function foldTags(tags: readonly string[]): string {
  const [first = '', ...others] = tags
  return others.reduce(combineTags, first)
}

function foldPairs(tags: readonly string[]): readonly string[] {
  const folded: string[] = []
  for (let at = 0; at < tags.length; at += 2) {
    const [one = '', other] = [tags[at], tags[at + 1]]
    folded.push(other === undefined ? one : combineTags(one, other))
  }
  return folded
}

/**
 * Mixes two tags into one, so that tags of different levels can be compared later. It needs no secret, because tags
 * reveal nothing: a mixer of 32 bits (the constants are those of MurmurHash3), of which 24 are kept.
 */
function combineTags(one: string, other: string): string {
  let mixed = Math.imul(parseTag(one) ^ 0x85ebca6b, 0xcc9e2d51)
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + parseTag(other), 0x1b873593)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return printTag((mixed ^ (mixed >>> 16)) >>> 8)
}

/** Prints 24 bits as base64url. A buffer for each tag would cost ten times as much. */
export function printTag(bits: number): string {
  return digit(bits >>> 18) + digit((bits >>> 12) & 63) + digit((bits >>> 6) & 63) + digit(bits & 63)
}

function parseTag(tag: string): number {
  let bits = 0
  for (let at = 0; at < tag.length; at += 1) bits = bits * 64 + (digits[tag.charCodeAt(at)] ?? 0)
  return bits
}

function digit(bits: number): string {
  return alphabet[bits] ?? ''
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const digits = new Uint8Array(128)
for (let at = 0; at < alphabet.length; at += 1) digits[alphabet.charCodeAt(at)] = at

/** Reads stored tags; null for another value. */
export function readBlockTags(value: unknown): BlockTags | null {
  if (!isRecord(value)) return null
  const { key, tools, system, messages, settings: tags, breakpoints } = value
  if (typeof key !== 'string' || typeof tags !== 'string' || !Array.isArray(breakpoints)) return null
  if (!isPart(tools) || !isPart(system) || !isPart(messages)) return null
  const texts = breakpoints.filter((one): one is string => typeof one === 'string')
  return { key, tools, system, messages, settings: tags, breakpoints: texts }
}

function isPart(value: unknown): value is TaggedPart {
  return (
    isRecord(value) &&
    typeof value['level'] === 'number' &&
    typeof value['count'] === 'number' &&
    typeof value['tags'] === 'string'
  )
}
