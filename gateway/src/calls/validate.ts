import { type Finding, type RequestFacts, check } from '@anthology/catalog'

import { getErrorType, isRecord } from '@anthology/wire'

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
    thinking_type: readText(thinking, 'type'),
    budget_tokens: readField(thinking, 'budget_tokens', 'number'),
    has_tools: hasTools(call),
    tool_choice_type: readText(readSmallMember(call, 'tool_choice'), 'type'),
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
  const value = readSmallMember(call, name)
  return typeof value === 'number' ? value : undefined
}

function readText(value: unknown, name: string): string | undefined {
  return readField(value, name, 'string')
}

function readField<Kind extends 'string' | 'number'>(
  value: unknown,
  name: string,
  kind: Kind,
): (Kind extends 'string' ? string : number) | undefined {
  const field = isRecord(value) ? value[name] : undefined
  // The type of `field` was just compared with the wanted one.
  return typeof field === kind ? (field as Kind extends 'string' ? string : number) : undefined
}

function hasTools(call: Call): boolean {
  const member = call.index.get('tools')
  if (member === undefined) return false
  const empty = readSmallMember(call, 'tools', 64)
  return !(Array.isArray(empty) && empty.length === 0) && empty !== null
}
