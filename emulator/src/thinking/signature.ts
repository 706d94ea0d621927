import { sha256 } from '@noble/hashes/sha2.js'
import { encodeHex } from '@anthology/wire'

import type { Conversation } from './conversation.ts'
import { encrypt, decrypt } from './encryption.ts'
import type { Thought } from './turn.ts'

/** Where a thinking block comes from, as its signature (or redacted data) says. */
export interface SignatureOrigin {
  readonly model: string
  /** How many blocks of the answer stood before it, thinking not counted. */
  readonly place: number
  /** The whole thinking, however much of it is shown. */
  readonly tokens: number
  /** Of the text that is shown. */
  readonly digest: string
  /** Null where the model does not bind its thinking to a conversation. */
  readonly conversation: Conversation | null
  /** The thinking block before it in the conversation, by its tag; null: it was the first. */
  readonly previous: string | null
}

/** Makes the `signature` of a thinking block, or the `data` of a redacted one. */
export function sign(origin: SignatureOrigin, purpose: Thought['type'], seed: string): string {
  const { model, place, tokens, digest, conversation, previous } = origin
  const { system, tools, messages } = conversation ?? {}
  const members = [model, place, tokens, digest, previous, ...(conversation ? [system, tools, messages] : [])]
  return encrypt(JSON.stringify(members), { seed, purpose })
}

/** Null: nobody with this seed has signed it. Whether the text is still the same is not asked. */
export function decodeSignature(block: Thought, seed: string): SignatureOrigin | null {
  const text = decrypt(readEnvelope(block), { seed, purpose: block.type })
  if (text === null) return null
  // It came out of an envelope that only `sign` closes.
  const members = JSON.parse(text) as SignedMembers
  const [model, place, tokens, digest, previous, system, tools, messages] = members
  const conversation =
    system === undefined || tools === undefined || messages === undefined ? null : { system, tools, messages }
  return { model, place, tokens, digest, previous, conversation }
}

type SignedMembers = readonly [
  model: string,
  place: number,
  tokens: number,
  digest: string,
  previous: string | null,
  system?: string,
  tools?: string,
  messages?: string,
]

/** Says which block it is, in a few characters. */
export function getTag(block: Thought): string {
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
