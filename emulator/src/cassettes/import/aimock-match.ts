import { resolve } from '@anthology/catalog'
import { isRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import type { JsonCondition, TextCondition, When } from '../../scenario/scenario.ts'

export interface MatchContext {
  readonly note: (message: string) => void
  /** The response calls tools. */
  readonly callsTools: boolean
  /** No other fixture has the same conditions at another turn. */
  readonly isOnly: boolean
}

/** Translates the `match` of a fixture to conditions; null: no call of a chat can match it. */
export function readAimockMatch(value: unknown, { note, callsTools, isOnly }: MatchContext): When | null {
  const match = isRecord(value) ? value : {}
  const endpoint = readText(match, 'endpoint')
  if ((endpoint !== null && endpoint !== 'chat') || match['inputText'] !== undefined) {
    note(`endpoint ${endpoint ?? 'embedding'} has no counterpart, so that the fixture is left out`)
    return null
  }
  for (const name of Object.keys(match)) if (!knownMembers.has(name)) note(`match.${name} is left out`)
  const json = readJsonConditions(match)
  const toolResult = readToolResult(match)
  const isOwnTurn = callsTools && toolResult === null
  const when: When = {
    ...readUserMessage(readText(match, 'userMessage'), match['hasToolResult'], isOwnTurn),
    ...readModel(readText(match, 'model'), json),
    ...readSystem(match['systemMessage'], note),
    ...(toolResult !== null && { tool_result: { contains: toolResult } }),
    ...readCounts(match, isOnly),
  }
  return Object.keys(json).length > 0 ? { ...when, json } : when
}

function readJsonConditions(match: JsonObject): Record<string, JsonCondition> {
  const [called, format] = [readText(match, 'toolCallId'), readText(match, 'responseFormat')]
  return {
    ...(called !== null && { [toolCallPath]: { equals: called } }),
    ...(format !== null && { '$.response_format.type': { equals: format } }),
  }
}

/** The text that a result of a tool has to contain; empty: any. */
function readToolResult(match: JsonObject): string | null {
  const needsResult = match['hasToolResult'] === true || readText(match, 'toolCallId') !== null
  return readText(match, 'toolResultContains') ?? (needsResult ? '' : null)
}

/** The tool, and the positions of the request in its conversation and among those that match. */
function readCounts(match: JsonObject, isOnly: boolean): When {
  const { turnIndex: turn, sequenceIndex: sequence } = match
  const tool = readText(match, 'toolName')
  return {
    ...(tool !== null && { tools: tool }),
    // The turn only chooses among fixtures that are alike otherwise.
    ...(typeof turn === 'number' && !isOnly && { turn }),
    ...(typeof sequence === 'number' && { call: sequence + 1 }),
  }
}

const knownMembers: ReadonlySet<string> = new Set([
  'userMessage',
  'systemMessage',
  'toolCallId',
  'toolResultContains',
  'toolName',
  'model',
  'responseFormat',
  'sequenceIndex',
  'turnIndex',
  'hasToolResult',
  'endpoint',
])

/** The id of a result in the last message, in the form of Messages, Chat Completions or Converse. */
const toolCallPath = "$.messages[-1]..['tool_use_id','tool_call_id','toolUseId']"

/**
 * The text of the last user turn, also after calls of tools. A fixture that calls tools answers only the user's own
 * message: otherwise it would answer the results of its own calls.
 */
function readUserMessage(text: string | null, hasToolResult: unknown, isOwnTurn: boolean): When {
  if (text === null || text === '.*') return hasToolResult === false ? { last_user: { regex: '(?s).' } } : {}
  return hasToolResult === false || isOwnTurn
    ? { last_user: { contains: text } }
    : { question: { contains: text } }
}

/** A name stands for itself and for its dated forms, such as `gpt-4o-2024-08-06`. */
function readModel(name: string | null, json: Record<string, JsonCondition>): When {
  if (name === null) return {}
  if (resolve(name).ok) return { model: name }
  json['$.model'] = { regex: `^${escapePattern(name)}(?:-\\d.*)?$` }
  return {}
}

function readSystem(value: unknown, note: MatchContext['note']): When {
  const parts = (typeof value === 'string' ? [value] : Array.isArray(value) ? value : []).map(String)
  const [first, second, third, ...more] = parts
  if (first === undefined) return {}
  if (second === undefined) return { system: { contains: first } }
  if (third !== undefined || more.length > 0)
    note('match.systemMessage keeps its first two texts, and the others are left out')
  const [one, other] = [escapePattern(first), escapePattern(second)]
  const system: TextCondition = { regex: `(?s)${one}.*${other}|${other}.*${one}` }
  return { system }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
