import { type Finding, type RequestFacts, check } from '@anthology/catalog'

import { getErrorType, isRecord, readText } from '@anthology/wire'

import { type Call, readSmallMember } from './call.ts'
import { ApiError } from '../errors.ts'

/**
 * Refuses, in the API's own words, what the model's rules say it would refuse,
 * before an upstream is asked. What the body does not say plainly is left to
 * the upstream.
 */
export function validate(call: Call): void {
  const findings = check(readCallFacts(call), call.model)
  for (const finding of findings) {
    if (finding.severity === 'error') throw toApiError(finding)
    call.notices.push(finding.message)
  }
}

/** The flat record that the catalog's rules are asked with. */
export function readCallFacts(call: Call): RequestFacts {
  const thinking = readSmallMember(call, 'thinking')
  return {
    max_tokens: readNumber(call, 'max_tokens'),
    temperature: readNumber(call, 'temperature'),
    top_p: readNumber(call, 'top_p'),
    top_k: readNumber(call, 'top_k'),
    thinking_type: readText(thinking, 'type') ?? undefined,
    budget_tokens: asNumber(isRecord(thinking) ? thinking['budget_tokens'] : undefined),
    has_tools: hasTools(call),
    tool_choice_type: readText(readSmallMember(call, 'tool_choice'), 'type') ?? undefined,
    betas: call.betas,
    api_version: call.headers['anthropic-version'],
    stream: call.stream,
  }
}

function toApiError(finding: Finding): ApiError {
  return new ApiError('bad_request', finding.message, {
    status: finding.status,
    type: getErrorType(finding.status),
    retry: false,
  })
}

function readNumber(call: Call, name: string): number | undefined {
  return asNumber(readSmallMember(call, name))
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function hasTools(call: Call): boolean {
  const member = call.index.get('tools')
  if (member === undefined) return false
  const empty = readSmallMember(call, 'tools', 64)
  return !(Array.isArray(empty) && empty.length === 0) && empty !== null
}
