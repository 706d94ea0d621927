import { readOptionFacts } from '@anthology/catalog'
import type { Finding, RequestFacts } from '@anthology/catalog'

import { getErrorType } from '@anthology/wire'

import { readSmallMember, smallMembers } from './call.ts'
import type { Call } from './call.ts'
import { ApiError } from '../errors.ts'
import type { Exclusion } from '../routing/exclusion.ts'
import type { Plan } from '../routing/plan.ts'

/** The error of a plan without attempts: the API's own text if the request violates a rule. */
export function toPlanError({ model, rejection, excluded }: Plan): ApiError {
  if (rejection !== null) return toApiError(rejection)
  const [first] = excluded
  const usable = excluded.filter(({ because }) => !unasked.has(because))
  const elsewhere = usable.find(({ because }) => because === 'region_not_allowed')
  if (elsewhere !== undefined && usable.every(({ because }) => misplaced.has(because)))
    return new ApiError(
      'region_not_allowed',
      `no upstream for ${model.id} is in a region that this key may use: ${elsewhere.detail}`,
    )
  const billed = usable.find(({ because }) => because === 'user_profile_elsewhere')
  if (billed !== undefined) return new ApiError('bad_request', billed.detail)
  const onlyOne = excluded.length === 1 && first !== undefined ? `: ${first.detail}` : ''
  return new ApiError('unknown_model', `no configured upstream offers ${model.id}${onlyOne}`)
}

/** The reasons that do not depend on the request: the upstream, or its model, is not there for the key. */
const unasked: ReadonlySet<Exclusion> = new Set(['not_in_groups', 'weight_zero', 'model_not_permitted'])

const misplaced: ReadonlySet<Exclusion> = new Set(['region_not_allowed', 'model_not_offered'])

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
  const kind = { status: finding.status, type: getErrorType(finding.status), retry: false }
  return new ApiError('bad_request', finding.message, kind, { errorCode: finding.errorCode })
}

function hasTools(call: Call): boolean {
  const member = call.index.get('tools')
  if (member === undefined) return false
  const empty = readSmallMember(call, 'tools', 64)
  return !(Array.isArray(empty) && empty.length === 0) && empty !== null
}
