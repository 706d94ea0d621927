import { isDeepStrictEqual } from 'node:util'

import { resolve } from '@anthology/catalog'
import { isRecord } from '@anthology/wire'
import { query } from 'json-p3'
import type { JSONValue } from 'json-p3'

import type { RequestFacts } from './request-facts.ts'
import type { JsonCondition, TextCondition, When } from './scenario.ts'
import { describeText, testText } from './text-condition.ts'

/** The result of testing the conditions of a rule. */
export interface ConditionResult {
  readonly isMet: boolean
  /** The number of conditions that hold, to find the nearest rule. */
  readonly metCount: number
  /** The first condition that does not hold, for a person; '' if all do. */
  readonly difference: string
  /** The groups of the rule's first regular expression that matched. */
  readonly groups: readonly string[]
}

/** Tests all conditions but `call`, which needs the count of the rule's matches. */
export function testConditions(when: When, facts: RequestFacts, isStepped: boolean): ConditionResult {
  const differences: string[] = []
  let metCount = 0
  let groups: readonly string[] = []
  for (const { isMet, difference, groups: found = [] } of listTests(when, facts, isStepped)) {
    if (isMet) metCount += 1
    else differences.push(difference())
    if (groups.length === 0) groups = found
  }
  const [difference = ''] = differences
  return { isMet: differences.length === 0, metCount, difference, groups }
}

interface Test {
  readonly isMet: boolean
  readonly difference: () => string
  readonly groups?: readonly string[]
}

function* listTests(when: When, facts: RequestFacts, isStepped: boolean): Generator<Test> {
  const { exchange, conversation } = facts
  const { request, protocol, platform } = exchange
  if (when.path !== undefined) yield testNamed('path', when.path, request.path)
  // Without a path a rule is for calls that create a message.
  else
    yield {
      isMet: conversation !== null,
      difference: () => `the request to ${request.path} creates no message`,
    }
  if (when.protocol !== undefined) yield testEqual('protocol', when.protocol, protocol)
  if (when.platform !== undefined) yield testEqual('platform', when.platform, platform)
  for (const [name, condition] of Object.entries(when.header ?? {}))
    yield testNamed(`header ${name}`, condition, request.headers[name.toLowerCase()] ?? '')
  yield* listConversationTests(when, conversation, isStepped)
  for (const [path, condition] of Object.entries(when.json ?? {}))
    yield testJson(path, condition, facts.json())
}

/** Conditions on the message hold for no other request. */
function* listConversationTests(
  when: When,
  conversation: RequestFacts['conversation'],
  isStepped: boolean,
): Generator<Test> {
  if (when.model !== undefined) {
    const id = conversation?.model.id ?? 'none'
    yield { isMet: isModel(when.model, id), difference: () => `model is ${id}, not ${when.model}` }
  }
  if (when.system !== undefined) yield testNamed('system', when.system, conversation?.system ?? '')
  if (when.last_user !== undefined) {
    const text = isStepped ? conversation?.question : conversation?.lastUser
    yield testNamed('last_user', when.last_user, text ?? '')
  }
  if (when.question !== undefined) yield testNamed('question', when.question, conversation?.question ?? '')
  if (when.tool_result !== undefined) yield testToolResult(when.tool_result, conversation?.toolResults ?? [])
  if (when.tools !== undefined) {
    const offered = conversation?.tools ?? []
    const wanted = typeof when.tools === 'string' ? [when.tools] : when.tools
    const missing = wanted.find((name) => !offered.includes(name))
    yield { isMet: missing === undefined, difference: () => `the request offers no tool ${missing}` }
  }
  if (when.turn !== undefined) yield testEqual('turn', when.turn, conversation?.turns ?? -1)
}

function isModel(name: string, id: string): boolean {
  const found = resolve(name)
  return found.ok && found.model.id === id
}

function testEqual(name: string, wanted: string | number, actual: string | number): Test {
  return { isMet: wanted === actual, difference: () => `${name} is ${actual}, not ${wanted}` }
}

function testNamed(name: string, condition: TextCondition, text: string): Test {
  const { isMet, groups } = testText(condition, text)
  const difference = (): string => `${name} ${describeText(condition)}: it is ${quote(text)}`
  return { isMet, groups, difference }
}

function testToolResult(
  condition: NonNullable<When['tool_result']>,
  results: readonly { readonly name: string; readonly text: string }[],
): Test {
  const { tool, ...test } =
    typeof condition === 'string' ? { tool: undefined, contains: condition } : condition
  const named = results.filter(({ name }) => tool === undefined || name === tool)
  const match = named.map(({ text }) => testText(test, text)).find(({ isMet }) => isMet)
  const of = tool === undefined ? '' : ` of ${tool}`
  const found =
    named.length === 0 ? 'there is none' : `it is ${named.map(({ text }) => quote(text)).join(', ')}`
  return {
    isMet: match !== undefined,
    groups: match?.groups ?? [],
    difference: () => `tool_result${of} ${describeText(test)}: ${found}`,
  }
}

function testJson(path: string, condition: JsonCondition, body: unknown): Test {
  // `query` reads any value of JSON, and the body is one or undefined.
  const values = body === undefined ? [] : query(path, body as JSONValue).values()
  const { isMet, groups = [] } = testValues(condition, values)
  const found =
    values.length === 0
      ? 'there is no value'
      : `it is ${values.map((value) => quote(toText(value))).join(', ')}`
  return { isMet, groups, difference: () => `json ${path} ${JSON.stringify(condition)}: ${found}` }
}

function testValues(
  condition: JsonCondition,
  values: readonly unknown[],
): { readonly isMet: boolean; readonly groups?: readonly string[] } {
  if (!isRecord(condition)) {
    // A plain string means "contains"; any other plain value means "equals".
    const isMet = values.some((value) =>
      typeof condition === 'string' ? toText(value).includes(condition) : value === condition,
    )
    return { isMet }
  }
  const { equals, exists, contains, regex } = condition
  if (exists !== undefined && exists !== values.length > 0) return { isMet: false }
  if (exists !== undefined && contains === undefined && regex === undefined && !('equals' in condition))
    return { isMet: true }
  const candidates =
    'equals' in condition ? values.filter((value) => isDeepStrictEqual(value, equals)) : values
  const test = { ...(contains !== undefined && { contains }), ...(regex !== undefined && { regex }) }
  return (
    candidates.map((value) => testText(test, toText(value))).find(({ isMet }) => isMet) ?? { isMet: false }
  )
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Quotes a text for a message, not more than its beginning. */
function quote(text: string): string {
  return JSON.stringify(text.length <= maxQuoteLength ? text : `${text.slice(0, maxQuoteLength)}…`)
}

const maxQuoteLength = 120
