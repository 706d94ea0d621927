import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { applySplices, indexBody, parseMember } from '@anthology/wire'

import type { EmulatorRequest } from '../emulator.ts'

/**
 * Bedrock's Messages endpoint ("Claude in Amazon Bedrock", 2026) is the Messages API behind `/anthropic`, but for the
 * names of models: such a name gives way to the one of the Claude API. Every other request stays as it is.
 */
export function translateMantle(request: EmulatorRequest): EmulatorRequest {
  const { body } = request
  if (body === null || !mantlePath.test(request.path)) return request
  const index = indexBody(body, members)
  const member = index.ok ? index.get('model') : undefined
  if (!index.ok || !member) return request
  const name = parseMember(body, member)
  if (typeof name !== 'string' || !name.startsWith('anthropic.')) return request
  const found = resolve(name, { platform: 'bedrock' })
  if (!found.ok || mantleNameOf(found.model) !== name) return request
  const edit = { splice: 'model', kind: 'replace', member: 'model', value: found.model.id } as const
  return { ...request, body: applySplices(body, index, [edit]) }
}

const mantlePath = /\/anthropic\/v1\/messages(?:\/count_tokens)?(?:\?|$)/
const members: ReadonlySet<string> = new Set(['model'])

/** A name of its own, or that of the runtime where it has neither date nor version; Sonnet 4.6 is the one exception. */
function mantleNameOf({ id, mantleId, platforms }: Model): string | null {
  if (mantleId !== undefined) return mantleId
  return platforms.bedrock === `anthropic.${id}` && id !== 'claude-sonnet-4-6' ? platforms.bedrock : null
}
