import type { BodyIndex, Member } from './body-index.ts'
import { WireError } from '../error.ts'
import { joinBytes } from './join-bytes.ts'
import type { Allocate } from './join-bytes.ts'
import type { JsonValue } from './json-value.ts'

export interface Splice {
  /** The top-level members that this splice may change. */
  readonly members: readonly string[]
  readonly kinds: readonly Patch['kind'][]
  readonly when: string
}

/**
 * Every change that may be made to a body, and the two that may be made to a response. A body goes upstream
 * byte for byte, because re-serializing it breaks thinking signatures and prompt caches; a change without a
 * row here is not possible.
 *
 * Sources: for `anthropic_version`, `anthropic_beta`, `model` and `stream` the request bodies in Amazon
 * Bedrock's "Anthropic Claude Messages API" and in Google Cloud's "Use Claude models"; for the rest "LLM
 * gateway configuration" of the Claude Code docs.
 */
export const splices = {
  model: {
    members: ['model'],
    kinds: ['replace', 'remove', 'add'],
    when: 'Always: upstreams have their own model ids, and the clouds expect the id in the path.',
  },
  anthropic_version: {
    members: ['anthropic_version'],
    kinds: ['replace', 'remove', 'add'],
    when: 'Always: a header on the Claude API, a member on Bedrock and Vertex.',
  },
  anthropic_beta: {
    members: ['anthropic_beta'],
    kinds: ['replace', 'remove', 'add'],
    when: 'Always: a header on the Claude API and Vertex, a member on Bedrock.',
  },
  stream: {
    members: ['stream'],
    kinds: ['replace', 'remove', 'add'],
    when: 'Always: Bedrock has a path for streaming and rejects the member.',
  },
  beta_field: {
    members: ['speed'],
    kinds: ['remove'],
    when: 'By policy, with a notice: the upstream does not have the beta that this member needs, and without it the answer is the same, only slower.',
  },
  first_party_member: {
    members: ['tags', 'cache_control'],
    kinds: ['remove'],
    when: 'By policy, with a notice: a cloud rejects this member of the Claude API, and without it the answer is the same.',
  },
  foreign_member: {
    members: ['thinking', 'context_management'],
    kinds: ['remove'],
    when: 'By configuration: the upstream serves a model outside the catalog that does not think.',
  },
  foreign_thinking: {
    members: ['thinking', 'context_management'],
    kinds: ['replace', 'remove'],
    when: 'After a rejection, with a notice: thinking that another upstream issued was cut from a turn that continues, which requires thinking with a budget, and the edits of it, to be off.',
  },
  invocation_metrics: {
    members: ['amazon-bedrock-invocationMetrics'],
    kinds: ['add', 'remove'],
    when: 'Always, in the last event of a stream: Bedrock repeats the token counts there, the Claude API does not.',
  },
  count_tokens: {
    members: ['max_tokens', 'stop_sequences', 'stream', 'temperature', 'top_k', 'top_p', 'metadata'],
    kinds: ['remove'],
    when: 'Always, for counting: Bedrock requires the whole request, the Claude API rejects members that concern only the output.',
  },
  counted_max_tokens: {
    members: ['max_tokens'],
    kinds: ['add'],
    when: 'For counting on Bedrock, if the request has none: its operation requires a whole request.',
  },
  results_url: {
    members: ['results_url'],
    kinds: ['replace'],
    when: 'Always, in a response: a client fetches this URL with its key, and would bypass the gateway.',
  },
} as const satisfies Record<string, Splice>

export type SpliceId = keyof typeof splices

export type Patch =
  | PatchFor<'replace', { readonly value: JsonValue }>
  | PatchFor<'add', { readonly value: JsonValue }>
  /** Removing an absent member changes nothing. */
  | PatchFor<'remove', unknown>

/**
 * Applies the patches in one copy. Every byte outside them stays as it was, whitespace included. New members
 * go after the last one.
 *
 * ```ts
 * applySplices(body, index, [{ splice: 'model', kind: 'replace', member: 'model', value: 'claude-opus-4-1' }])
 * ```
 */
export function applySplices(
  bytes: Uint8Array,
  index: BodyIndex,
  patches: readonly Patch[],
  allocate?: Allocate,
): Uint8Array {
  return applyRanges(bytes, planSplices(index, patches), allocate)
}

/**
 * Plans patches for a body, or for a nested object that has its own index and begins at `offset`.
 * `applyRanges` then applies the ranges of all objects at once.
 */
export function planSplices(index: BodyIndex, patches: readonly Patch[], offset = 0): readonly ByteRange[] {
  return planRanges(index, patches).map(({ start, end, text }) => ({
    start: start + offset,
    end: end + offset,
    text,
  }))
}

/** Applies the ranges, which must be in body order, in one copy. */
export function applyRanges(
  bytes: Uint8Array,
  planned: readonly ByteRange[],
  allocate?: Allocate,
): Uint8Array {
  return planned.length === 0 ? bytes : joinBytes(listPieces(bytes, planned), allocate)
}

/**
 * Returns the spliced body in pieces; unchanged pieces are views into the old body, so that a body of
 * megabytes is not copied just to replace the model name.
 */
export function spliceInPieces(
  bytes: Uint8Array,
  index: BodyIndex,
  patches: readonly Patch[],
): readonly Uint8Array[] {
  return listPieces(bytes, planRanges(index, patches))
}

function listPieces(bytes: Uint8Array, ranges: readonly ByteRange[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let read = 0
  for (const { start, end, text } of ranges) {
    if (read < start) pieces.push(bytes.subarray(read, start))
    if (text !== '') pieces.push(utf8.encode(text))
    read = end
  }
  if (read < bytes.length) pieces.push(bytes.subarray(read))
  return pieces
}

type PatchFor<Kind extends string, Rest> = {
  readonly splice: SpliceId
  readonly kind: Kind
  readonly member: string
} & Rest

/** Replaces the bytes from `start` to `end` with `text`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
  readonly text: string
}

const utf8 = new TextEncoder()

function planRanges(index: BodyIndex, patches: readonly Patch[]): ByteRange[] {
  const replaced: ByteRange[] = []
  const removed = new Set<Member>()
  const added: string[] = []
  const touched = new Set<string>()

  for (const patch of patches) {
    checkPermitted(patch, touched)
    const member = index.get(patch.member)
    switch (patch.kind) {
      case 'replace':
        if (member === undefined) throw new WireError('member_missing', `the body has no ${patch.member}`)
        replaced.push({ start: member.start, end: member.end, text: JSON.stringify(patch.value) })
        break
      case 'add':
        if (member !== undefined) throw new WireError('member_exists', `the body already has ${patch.member}`)
        added.push(`${JSON.stringify(patch.member)}:${JSON.stringify(patch.value)}`)
        break
      case 'remove':
        if (member !== undefined) removed.add(member)
        break
    }
  }

  const ranges = [...replaced, ...cutMembers(index.members, removed)]
  if (added.length > 0) ranges.push(insertAtEnd(index, removed, added))
  return ranges.sort((a, b) => a.start - b.start)
}

function checkPermitted(patch: Patch, touched: Set<string>): void {
  const row: Splice = splices[patch.splice]
  if (!row.members.includes(patch.member) || !row.kinds.includes(patch.kind))
    throw new WireError('splice_not_permitted', `${patch.splice} does not ${patch.kind} ${patch.member}`)
  if (touched.has(patch.member)) throw new WireError('conflicting_edits', `${patch.member} is edited twice`)
  touched.add(patch.member)
}

/** A removed member takes the preceding comma with it, or the following one if no remaining member precedes it. */
function cutMembers(members: readonly Member[], removed: ReadonlySet<Member>): ByteRange[] {
  const ranges: ByteRange[] = []
  let staysBefore = false
  for (const [i, member] of members.entries()) {
    if (!removed.has(member)) {
      staysBefore = true
    } else if (staysBefore) {
      ranges.push({ start: members[i - 1]?.end ?? member.keyStart, end: member.end, text: '' })
    } else {
      ranges.push({ start: member.keyStart, end: members[i + 1]?.keyStart ?? member.end, text: '' })
    }
  }
  return ranges
}

function insertAtEnd(index: BodyIndex, removed: ReadonlySet<Member>, added: readonly string[]): ByteRange {
  const at = index.members.at(-1)?.end ?? index.open + 1
  const comma = removed.size < index.members.length ? ',' : ''
  return { start: at, end: at, text: comma + added.join(',') }
}
