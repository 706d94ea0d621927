import { resolve } from '@anthology/catalog'
import { isRecord, readText } from '@anthology/wire'

import type { SeenRequest } from '../http/fetch.ts'
import type { Platform, Protocol, TextCondition } from '../scenario/scenario.ts'
import { findRegexProblem, testText } from '../scenario/text-condition.ts'
import { isSecretName } from '../redaction/secrets.ts'
import { readRequestView } from './request-view.ts'
import type { RequestView } from './request-view.ts'

/** Conditions on a kept request. All of them must hold; a plain string means "contains" where a text is tested. */
export interface RequestFilter {
  readonly method?: string
  readonly protocol?: Protocol
  readonly platform?: Platform
  /** The path with its query. */
  readonly path?: TextCondition
  /** The values of headers, by name; without the header the text is empty. */
  readonly header?: Readonly<Record<string, TextCondition>>
  /** A model in any spelling. */
  readonly model?: string
  /** The label of the rule that applied, such as `rule 2 "ask for the weather"`. */
  readonly rule?: TextCondition
  /** Whether the scenario has rules, and none matched. */
  readonly unmatched?: boolean
  /** Whether the request got a fault. */
  readonly failed?: boolean
  readonly status?: number
  readonly system?: TextCondition
  /** The text of the last user message that has any. */
  readonly lastUser?: TextCondition
  /** The request offers this tool, or all of these. */
  readonly tools?: string | readonly string[]
  /** Any other condition. */
  readonly where?: (request: SeenRequest) => boolean
}

/** The result of a filter for one request. */
export interface FilterResult {
  readonly isMet: boolean
  /** The number of conditions that hold, to find the nearest request. */
  readonly metCount: number
  /** The conditions that do not hold, for a person. */
  readonly differences: readonly string[]
}

interface Test {
  readonly isMet: boolean
  readonly difference: () => string
}

type Tester = (wanted: never, request: SeenRequest, view: RequestView) => readonly Test[]

/** One row for each member of a filter. */
const testers: Readonly<Record<keyof RequestFilter, Tester>> = {
  method: (wanted: string, { method }) => [testEqual('method', wanted, method)],
  protocol: (wanted: string, { protocol }) => [testEqual('protocol', wanted, protocol)],
  platform: (wanted: string, { platform }) => [testEqual('platform', wanted, platform)],
  path: (wanted: TextCondition, { path }) => [testNamed('path', wanted, path)],
  header: (wanted: Readonly<Record<string, TextCondition>>, { headers }) =>
    Object.entries(wanted).map(([name, condition]) =>
      testNamed(`header ${name}`, condition, headers[name.toLowerCase()] ?? '', isSecretName(name)),
    ),
  model: (wanted: string, _request, { model }) => [
    {
      isMet: model !== null && toModelId(model) === toModelId(wanted),
      difference: () => `model is ${model ?? 'absent'}, not ${wanted}`,
    },
  ],
  rule: (wanted: TextCondition, { rule }) => [testNamed('rule', wanted, rule ?? '')],
  unmatched: (wanted: boolean, { isUnmatched }) => [testEqual('unmatched', wanted, isUnmatched)],
  failed: (wanted: boolean, { fault }) => [testEqual('failed', wanted, fault !== null)],
  status: (wanted: number, { status }) => [testEqual('status', wanted, status)],
  system: (wanted: TextCondition, _request, { system }) => [testNamed('system', wanted, system)],
  lastUser: (wanted: TextCondition, _request, { lastUser }) => [testNamed('lastUser', wanted, lastUser)],
  tools: (wanted: string | readonly string[], _request, { tools }) => {
    const missing = [wanted].flat().find((name) => !tools.includes(name))
    return [
      {
        isMet: missing === undefined,
        difference: () => `the request offers no tool ${JSON.stringify(missing)}`,
      },
    ]
  },
  where: (wanted: (request: SeenRequest) => boolean, request) => [
    { isMet: wanted(request), difference: () => 'the function `where` returned false' },
  ],
}

/** Tests a request. */
export function testFilter(filter: RequestFilter, request: SeenRequest): FilterResult {
  const view = readRequestView(request)
  const tests = listMembers(filter).flatMap(([name, wanted]) => testers[name](wanted, request, view))
  return {
    isMet: tests.every(({ isMet }) => isMet),
    metCount: tests.filter(({ isMet }) => isMet).length,
    differences: tests.filter(({ isMet }) => !isMet).map(({ difference }) => difference()),
  }
}

/** Returns why a filter is not valid, with the member; null if it is. */
export function findFilterProblem(filter: object): string | null {
  for (const [name, wanted] of Object.entries(filter)) {
    if (!Object.hasOwn(testers, name))
      return `unknown condition ${JSON.stringify(name)}; the conditions are ${Object.keys(testers).join(', ')}`
    if (!textMembers.has(name)) continue
    const conditions: readonly unknown[] = name === 'header' ? Object.values(Object(wanted)) : [wanted]
    for (const condition of conditions) {
      const problem = findConditionProblem(condition)
      if (problem !== null) return `${name}: ${problem}`
    }
  }
  return null
}

const textMembers: ReadonlySet<string> = new Set(['path', 'header', 'rule', 'system', 'lastUser'])

/** A condition of another form, such as a RegExp, would test nothing, so that every request met it. */
function findConditionProblem(condition: unknown): string | null {
  if (condition === undefined || typeof condition === 'string') return null
  const members = isRecord(condition) ? Object.entries(condition) : []
  const isValid = members.every(([kind, text]) => textKinds.has(kind) && typeof text === 'string')
  if (members.length === 0 || !isValid)
    return 'must be a text, or an object with a text as contains, equals or regex (in RE2 syntax)'
  const regex = readText(condition, 'regex')
  return regex === null ? null : findRegexProblem(regex)
}

const textKinds: ReadonlySet<string> = new Set(['contains', 'equals', 'regex'])

/** Describes a filter: `model claude-opus-4-1, lastUser contains "weather"`. */
export function describeFilter(filter: RequestFilter): string {
  const { path, rule, system, lastUser, header = {}, where, ...plain } = filter
  const texts = { path, rule, system, lastUser }
  const named = [
    ...Object.entries(texts),
    ...Object.entries(header).map(([name, condition]) => [`header ${name}`, condition] as const),
  ]
  const parts = [
    ...Object.entries(plain).flatMap(([name, value]) =>
      value === undefined ? [] : `${name} ${[value].flat().join(', ')}`,
    ),
    ...named.flatMap(([name, condition]) =>
      condition === undefined ? [] : `${name} ${describeText(condition)}`,
    ),
    ...(where === undefined ? [] : ['the function `where`']),
  ]
  return parts.length === 0 ? 'any content' : parts.join(', ')
}

/** Describes a condition for a person: `contains "weather"`. */
function describeText(condition: TextCondition): string {
  const test = typeof condition === 'string' ? { contains: condition } : condition
  return Object.entries(test)
    .map(([kind, text]) => `${kind} ${JSON.stringify(text)}`)
    .join(' and ')
}

/** The members that are set. The value of each has the type of its tester. */
function listMembers(filter: RequestFilter): readonly (readonly [keyof RequestFilter, never])[] {
  return Object.entries(filter).filter(
    ([, wanted]) => wanted !== undefined,
  ) as unknown as readonly (readonly [keyof RequestFilter, never])[]
}

/** The id of a model that the catalog knows; else the name itself. */
export function toModelId(name: string): string {
  const found = resolve(name)
  return found.ok ? found.model.id : name
}

function testEqual(
  name: string,
  wanted: string | number | boolean,
  actual: string | number | boolean | null,
): Test {
  return { isMet: wanted === actual, difference: () => `${name} is ${actual ?? 'unknown'}, not ${wanted}` }
}

function testNamed(name: string, condition: TextCondition, text: string, isHidden = false): Test {
  return {
    isMet: testText(condition, text).isMet,
    difference: () =>
      `${name} ${describeText(condition)}: it is ${isHidden ? 'another secret' : quoteStart(text)}`,
  }
}

/** Quotes the beginning of a text for a message. */
export function quoteStart(text: string): string {
  return JSON.stringify(text.length <= maxQuoteLength ? text : `${text.slice(0, maxQuoteLength)}…`)
}

const maxQuoteLength = 120
