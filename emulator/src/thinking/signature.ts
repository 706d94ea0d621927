import { sha256 } from '@noble/hashes/sha2.js'
import { encodeHex } from '@anthology/wire'

import type { Conversation } from './conversation.ts'
import { encrypt, decrypt } from './encryption.ts'
import type { Thought } from './turn.ts'

/** The origin of a thinking block, as recorded in its signature or redacted data. */
export interface SignatureOrigin {
  readonly model: string
  /** The number of blocks before it in the answer, not counting thinking. */
  readonly position: number
  /** The tokens of the whole thinking, however much of it is shown. */
  readonly tokens: number
  /** The digest of the shown text. */
  readonly digest: string
  /** Null if the model does not bind its thinking to a conversation. */
  readonly conversation: Conversation | null
  /** The tag of the previous thinking block in the conversation; null: this is the first. */
  readonly previous: string | null
}

/** Creates the `signature` of a thinking block, or the `data` of a redacted one. */
export function sign(origin: SignatureOrigin, purpose: Thought['type'], seed: string): string {
  const { model, position, tokens, digest, conversation, previous } = origin
  const { system, tools, messages } = conversation ?? {}
  const members = [
    model,
    position,
    tokens,
    digest,
    previous,
    ...(conversation ? [system, tools, messages] : []),
  ]
  return encrypt(JSON.stringify(members), { seed, purpose })
}

/** Decodes a signature; null: it was not made with this seed. Does not compare the block's text. */
export function decodeSignature(block: Thought, seed: string): SignatureOrigin | null {
  const text = decrypt(readEnvelope(block), { seed, purpose: block.type })
  if (text === null) return null
  // The envelope is authentic, and only `sign` creates them.
  const members = JSON.parse(text) as SignedMembers
  const [model, position, tokens, digest, previous, system, tools, messages] = members
  const conversation =
    system === undefined || tools === undefined || messages === undefined ? null : { system, tools, messages }
  return { model, position, tokens, digest, previous, conversation }
}

type SignedMembers = readonly [
  model: string,
  position: number,
  tokens: number,
  digest: string,
  previous: string | null,
  system?: string,
  tools?: string,
  messages?: string,
]

/** Identifies a block by a short digest. */
export function computeTag(block: Thought): string {
  return computeDigest(readEnvelope(block))
}

export function getText(block: Thought): string {
  return block.type === 'thinking' ? block.thinking : ''
}

export function computeDigest(text: string): string {
  return encodeHex(sha256(new TextEncoder().encode(text)).subarray(0, 9))
}

function readEnvelope(block: Thought): string {
  return block.type === 'thinking' ? block.signature : block.data
}
