import type { Model } from '@anthology/catalog'
import {
  applySplices,
  bedrockTexts,
  editsToMessages,
  indexBody,
  invokeMembers,
  readInvokeBody,
} from '@anthology/wire'
import type { BedrockRefusal } from '@anthology/wire'

import type { CloudRequest } from '../cloud/messages-call.ts'
import type { Family } from '../../api/served-models.ts'
import { findUnknownBeta } from '../../message/rules/known-betas.ts'

export type Invocation =
  | { readonly ok: true; readonly request: CloudRequest }
  | { readonly ok: false; readonly refusal: BedrockRefusal }

export interface InvocationOptions {
  readonly model: Model
  readonly stream: boolean
  readonly family: Family
}

/** Reads a body of InvokeModel as one of the Messages API; what stands in it stays, byte for byte, but for four members. */
export function readInvocation(body: Uint8Array, { model, stream, family }: InvocationOptions): Invocation {
  const index = indexBody(body, invokeMembers)
  if (!index.ok) return refuse(malformed(index.message))
  const read = readInvokeBody(body, index)
  if (!read.ok) return refuse(read.message)
  const refusal = findBetaRefusal(read.betas, family)
  if (refusal) return { ok: false, refusal }
  const messages = applySplices(body, index, editsToMessages({ model: model.id, stream }))
  const { betas, apiVersion } = read
  return { ok: true, request: { platform: 'bedrock', body: messages, betas, apiVersion } }
}

/** One value that Bedrock does not know fails the whole request; which ones are known is the catalog's to say. */
export function findBetaRefusal(betas: readonly string[], family: Family): BedrockRefusal | null {
  const unknown = findUnknownBeta(betas, { lifecycle: family.lifecycle, today: family.asOf() })
  return unknown && { type: 'ValidationException', message: bedrockTexts.invalidBeta }
}

/** The frame of the sentence is that of a missing member, what stands in it is ours. */
function malformed(detail: string): string {
  return `Malformed input request: ${detail}, please reformat your input and try again.`
}

function refuse(message: string): Invocation {
  return { ok: false, refusal: { type: 'ValidationException', message } }
}
