import { check, readOptionFacts } from '@anthology/catalog'
import type { Finding, RequestFacts } from '@anthology/catalog'

import { getErrorType } from '@anthology/wire'

import { readSmallMember, smallMembers } from './call.ts'
import type { Call } from './call.ts'
import { ApiError } from '../errors.ts'
import type { Plan } from '../routing/plan.ts'

/**
 * Rejects, with the API's own error messages, requests that the first upstream's
 * platform would reject. Anything ambiguous in the body, and any beta that the catalog
 * does not know, is left to the upstream.
 */
export function validate(call: Call, plan: Plan): void {
  const platform = plan.ok ? plan.attempts[0]?.account.platform : undefined
  for (const finding of check(readCallFacts(call), call.model, { platform })) {
    if (finding.severity === 'error') throw toApiError(finding)
    // A warning about a superfluous header is advice for the client's author and does not affect this call.
    if (finding.path !== 'anthropic-beta') call.notices.push(finding.message)
  }
}

/** The flat input record of the catalog's rules. */
export function readCallFacts(call: Call): RequestFacts {
  const body: Record<string, unknown> = {}
  for (const name of smallMembers) {
    if (call.index.get(name) !== undefined) body[name] = readSmallMember(call, name)
  }
  return {
    ...readOptionFacts(body),
    has_tools: hasTools(call),
    betas: call.betas,
    api_version: call.headers['anthropic-version'],
    stream: call.stream,
    body_bytes: call.body.length,
    body_members: readMemberNames(call),
  }
}

/** The names of the members that are not null. */
function readMemberNames({ body, index }: Call): readonly string[] {
  const names: string[] = []
  for (const { name, start, end } of index.members) {
    if (end - start !== 4 || body[start] !== letterN) names.push(name)
  }
  return names
}

/** The only four-byte JSON value that starts with `n` is `null`. */
const letterN = 0x6e

function toApiError(finding: Finding): ApiError {
  return new ApiError('bad_request', finding.message, {
    status: finding.status,
    type: getErrorType(finding.status),
    retry: false,
  })
}

function hasTools(call: Call): boolean {
  const member = call.index.get('tools')
  if (member === undefined) return false
  const empty = readSmallMember(call, 'tools', 64)
  return !(Array.isArray(empty) && empty.length === 0) && empty !== null
}
