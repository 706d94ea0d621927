import type { Model } from '@anthology/catalog'
import { applySplices, editsToMessages, indexBody, invokeMembers, readInvokeBody } from '@anthology/wire'
import type { BedrockError } from '@anthology/wire'

import type { CloudRequest } from '../cloud/messages-call.ts'
import type { ServedModels } from '../../api/served-models.ts'
import { findEscapeProblem } from '../../http/body.ts'
import { findCallError } from '../../message/rules/body-reading.ts'

export type Invocation =
  | { readonly ok: true; readonly request: CloudRequest }
  | { readonly ok: false; readonly error: BedrockError }

export interface InvocationOptions {
  readonly model: Model
  readonly stream: boolean
  readonly servedModels: ServedModels
}

/** Converts an InvokeModel body to a Messages body; all bytes except four members are unchanged. */
export function readInvocation(
  body: Uint8Array,
  { model, stream, servedModels }: InvocationOptions,
): Invocation {
  const index = indexBody(body, invokeMembers)
  if (!index.ok) return reject(malformed(index.message))
  const escapeProblem = findEscapeProblem(body)
  if (escapeProblem !== null) return reject(malformed(escapeProblem))
  const read = readInvokeBody(body, index)
  if (!read.ok) return reject(read.message)
  const error = findBetaError(read.betas, servedModels)
  if (error) return { ok: false, error }
  const messages = applySplices(body, index, editsToMessages({ model: model.id, stream }))
  const { betas, apiVersion } = read
  return { ok: true, request: { platform: 'bedrock', body: messages, betas, apiVersion } }
}

/** A single beta that Bedrock does not know fails the whole request; the catalog lists the known ones. */
export function findBetaError(betas: readonly string[], servedModels: ServedModels): BedrockError | null {
  const { lifecycle } = servedModels
  const where = {
    platform: 'bedrock',
    lifecycle,
    asOf: servedModels.asOf(),
    unknownBetas: 'refused',
  } as const
  const error = findCallError(betas, where)
  return error && { type: 'ValidationException', message: error.message }
}

/** The sentence is the one for a missing member; the detail is ours. */
function malformed(detail: string): string {
  return `Malformed input request: ${detail}, please reformat your input and try again.`
}

function reject(message: string): Invocation {
  return { ok: false, error: { type: 'ValidationException', message } }
}
