import { check, readFacts, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { applySplices, indexBody, parseMember } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { authenticate } from '../../api/authenticate.ts'
import type { EmulatorRequest } from '../../request.ts'
import { describeInvalidJson, findEscapeProblem } from '../../http/body.ts'
import { errorReply } from '../../http/reply.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import type { Settings } from '../../settings.ts'

/**
 * Bedrock's Messages endpoint ("Claude in Amazon Bedrock", 2026) is the Messages API behind `/anthropic`, but for the
 * names of models: such a name gives way to the one of the Claude API. Every other request stays as it is.
 */
export function translateMantle(request: EmulatorRequest): EmulatorRequest {
  const named = findNamed(request)
  if (named === null) return request
  const edit = { splice: 'model', kind: 'replace', member: 'model', value: named.model.id } as const
  return { ...request, body: applySplices(named.body, named.index, [edit]) }
}

/**
 * What Bedrock's Messages endpoint refuses beside the Messages API: tools that run at the service, which Bedrock does
 * not have; in the words of the Messages API, whose errors are its own. Null: nothing of that, or it is another
 * endpoint, or nobody who may call.
 */
export function rejectMantle(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply | null {
  const named = findNamed(request)
  if (named === null || !authenticate(request.headers, settings.keys).ok) return null
  const escapeProblem = findEscapeProblem(named.body)
  if (escapeProblem !== null)
    return errorReply({ status: 400, message: describeInvalidJson(escapeProblem) }, head)
  const tools = indexBody(named.body, toolMembers)
  const member = tools.ok ? tools.get('tools') : undefined
  if (member === undefined) return null
  const { tool_types } = readFacts({ tools: parseMember(named.body, member) }, {}, { sized: false })
  const findings = check({ tool_types }, named.model, {
    platform: 'bedrock',
    asOf: settings.servedModels.asOf(),
  })
  const missing = findings.find(({ code }) => code === 'tool_type_missing_on_platform')
  return missing === undefined ? null : errorReply({ status: 400, message: missing.message }, head)
}

interface Named {
  readonly model: Model
  readonly body: Uint8Array
  readonly index: Extract<BodyIndex, { readonly ok: true }>
}

/** The model of a call whose path and name are those of the endpoint; null: it is a call of somebody else. */
function findNamed({ body, path }: EmulatorRequest): Named | null {
  if (body === null || !mantlePath.test(path)) return null
  const index = indexBody(body, members)
  const member = index.ok ? index.get('model') : undefined
  if (!index.ok || !member) return null
  const name = parseMember(body, member)
  if (typeof name !== 'string' || !name.startsWith('anthropic.')) return null
  const found = resolve(name, { platform: 'bedrock' })
  return found.ok && findMantleName(found.model) === name ? { model: found.model, body, index } : null
}

const mantlePath = /\/anthropic\/v1\/messages(?:\/count_tokens)?(?:\?|$)/
const members: ReadonlySet<string> = new Set(['model'])
const toolMembers: ReadonlySet<string> = new Set(['tools'])

/** A name of its own, or that of the runtime where it has neither date nor version; Sonnet 4.6 is the one exception. */
function findMantleName({ id, mantleId, platforms }: Model): string | null {
  if (mantleId !== undefined) return mantleId
  return platforms.bedrock === `anthropic.${id}` && id !== 'claude-sonnet-4-6' ? platforms.bedrock : null
}
