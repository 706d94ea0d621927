import { resolve } from '@anthology/catalog'
import { isRecord } from '@anthology/wire'

import { findValues, isEqual, toText } from './json-path.ts'
import type { Conversation, RequestFacts } from './request-facts.ts'
import type { JsonCondition, TextCondition, ToolResultCondition, When } from './scenario.ts'
import { describeWanted, testText } from './text-condition.ts'
import type { TextMatch } from './text-condition.ts'
import { spendWork, startWork } from './work.ts'
import type { Work } from './work.ts'

/** The result of testing the conditions of a rule. */
export interface ConditionResult {
  readonly isMet: boolean
  /** The number of conditions that hold. */
  readonly metCount: number
  /** The number of conditions that do not hold. */
  readonly unmetCount: number
  /** The first condition that does not hold, for a person: `last_user should contain "a", but is "b"`; '' if all do. */
  readonly difference: string
  /** The groups of the rule's first regular expression, the whole match first. */
  readonly groups: readonly string[]
}

/** Tests all conditions but `call`, which needs the count of the rule's matches. */
export function testConditions(when: When, facts: RequestFacts, isStepped: boolean): ConditionResult {
  let firstUnmet: Test | null = null
  let metCount = 0
  let unmetCount = 0
  let groups: readonly string[] = []
  for (const test of listTests(when, facts, isStepped)) {
    if (test.isMet) metCount += 1
    else {
      unmetCount += 1
      firstUnmet ??= test
    }
    if (groups.length === 0) groups = test.groups ?? []
  }
  return { isMet: unmetCount === 0, metCount, unmetCount, difference: firstUnmet?.difference() ?? '', groups }
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
    yield testHeader(name.toLowerCase(), condition, request.headers)
  yield* listConversationTests(when, facts, isStepped)
  for (const [path, condition] of Object.entries(when.json ?? {}))
    yield testJson(path, condition, facts.json())
}

/** Conditions on the message hold for no other request. */
function* listConversationTests(
  when: When,
  { conversation, asOf }: RequestFacts,
  isStepped: boolean,
): Generator<Test> {
  const { model, system, last_user: lastUser, question, tool_result: toolResult, tools, turn } = when
  if (conversation === null) {
    const names = Object.entries({
      model,
      system,
      last_user: lastUser,
      question,
      tool_result: toolResult,
      tools,
      turn,
    })
    for (const [name, condition] of names)
      if (condition !== undefined)
        yield { isMet: false, difference: () => `${name} needs a request that creates a message` }
    return
  }
  if (model !== undefined) yield testModel(model, conversation.model.id, asOf)
  if (system !== undefined) yield testNamed('system', system, conversation.system)
  if (lastUser !== undefined)
    yield testNamed('last_user', lastUser, isStepped ? conversation.question : conversation.lastUser)
  if (question !== undefined) yield testNamed('question', question, conversation.question)
  if (toolResult !== undefined) yield testToolResult(toolResult, conversation.toolResults)
  if (tools !== undefined) yield testTools(typeof tools === 'string' ? [tools] : tools, conversation.tools)
  if (turn !== undefined) yield testEqual('turn', turn, conversation.turns)
}

function testModel(name: string, id: string, asOf: string | undefined): Test {
  const found = resolve(name, { asOf })
  const wanted = found.ok ? found.model.id : 'unknown'
  const shown = wanted === name ? name : `${name} (${wanted})`
  return { isMet: wanted === id, difference: () => `model should be ${shown}, but is ${id}` }
}

function testEqual(name: string, wanted: string | number, actual: string | number): Test {
  return { isMet: wanted === actual, difference: () => `${name} should be ${wanted}, but is ${actual}` }
}

function testNamed(name: string, condition: TextCondition, text: string): Test {
  return toTest(
    testText(condition, text, startWork()),
    () => `${name} ${describeWanted(condition)}, but ${describe(text)}`,
  )
}

function describe(text: string): string {
  return text === '' ? 'is empty' : `is ${quote(text)}`
}

function testHeader(
  name: string,
  condition: TextCondition,
  headers: Readonly<Record<string, string | undefined>>,
): Test {
  const value = headers[name]
  return toTest(testText(condition, value ?? '', startWork()), () => {
    const wanted = `header ${name} ${describeWanted(condition)}`
    if (value === undefined) return `${wanted}, but the request does not have it`
    return `${wanted}, but ${secretHeader.test(name) ? 'is another one' : describe(value)}`
  })
}

/** Headers whose values are not repeated in messages. */
const secretHeader =
  /^(?:.*authorization|cookie|x-goog-api-key|api-key|x-api-key|.*(?:token|secret|signature).*)$/

function testTools(wanted: Conversation['tools'], offered: Conversation['tools']): Test {
  const missing = wanted.find((name) => !offered.includes(name))
  return {
    isMet: missing === undefined,
    difference: () => {
      const found = offered.length === 0 ? 'no tools' : listShort(offered)
      return `tools should include ${missing}, but the request offers ${found}`
    },
  }
}

function testToolResult(condition: ToolResultCondition, results: Conversation['toolResults']): Test {
  const { tool, ...test } =
    typeof condition === 'string' ? { tool: undefined, contains: condition } : condition
  const named = results.filter(({ name }) => tool === undefined || name === tool)
  const match = testSome(
    test,
    named.map(({ text }) => text),
    startWork(),
  )
  return toTest(match, () => {
    const name = tool === undefined ? 'tool_result' : `tool_result of ${tool}`
    const found =
      named.length === 0 ? 'the last turn has none' : `is ${listShort(named.map(({ text }) => quote(text)))}`
    return `${name} ${describeWanted(test)}, but ${found}`
  })
}

function testJson(path: string, condition: JsonCondition, body: unknown): Test {
  const work = startWork()
  const values = findValues(path, body, work)
  return toTest(testValues(condition, values, work), () => {
    const found =
      values.length === 0
        ? 'the body has no such value'
        : `is ${listShort(values.map((value) => cut(JSON.stringify(value))))}`
    return `json ${path} ${describeJson(condition)}, but ${found}`
  })
}

function testValues(condition: JsonCondition, values: readonly unknown[], work: Work): TextMatch {
  // A plain string means "contains"; any other plain value means "equals".
  if (typeof condition === 'string') return testSome({ contains: condition }, values, work)
  if (!isRecord(condition)) return { isMet: values.includes(condition), groups: [] }
  const { equals, exists, ...test } = condition
  if (exists === false) return { isMet: values.length === 0, groups: [] }
  const candidates = 'equals' in condition ? values.filter((value) => isEqual(value, equals)) : values
  return testSome(test, candidates, work)
}

/** Finds the first value that meets the test; a value that is no string is tested as JSON. */
function testSome(test: TextCondition, values: readonly unknown[], work: Work): TextMatch {
  for (const value of values) {
    const text = toText(value)
    spendWork(work, text.length, 'the condition')
    const match = testText(test, text, work)
    if (match.isMet) return match
  }
  return unmet
}

function describeJson(condition: JsonCondition): string {
  if (typeof condition === 'string') return describeWanted(condition)
  if (!isRecord(condition)) return `should be ${JSON.stringify(condition)}`
  const { equals, exists, ...test } = condition
  if (exists === false) return 'should not exist'
  if (!('equals' in condition)) return exists === true ? 'should exist' : describeWanted(test)
  return `should be ${JSON.stringify(equals)}`
}

const unmet: TextMatch = { isMet: false, groups: [] }

function toTest({ isMet, groups }: TextMatch, difference: () => string): Test {
  return { isMet, groups, difference }
}

/** Quotes a text for a message, not more than its beginning. */
function quote(text: string): string {
  return JSON.stringify(cut(text))
}

function cut(text: string): string {
  return text.length <= maxQuoteChars ? text : `${text.slice(0, maxQuoteChars)}…`
}

const maxQuoteChars = 120

function listShort(texts: readonly string[]): string {
  const more = texts.length > maxListed ? ` and ${texts.length - maxListed} more` : ''
  return `${texts.slice(0, maxListed).join(', ')}${more}`
}

const maxListed = 5
