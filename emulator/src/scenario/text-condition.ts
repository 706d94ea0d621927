import { RE2JS } from 're2js'

import type { TextCondition, TextTest } from './scenario.ts'
import { spendWork } from './work.ts'
import type { Work } from './work.ts'

/** The result of a condition on a text; `groups` are those of a regular expression, the whole match first. */
export interface TextMatch {
  readonly isMet: boolean
  readonly groups: readonly string[]
}

/**
 * Tests a text. All members of the condition must hold. With `work`, throws a WorkError if a regular expression could take
 * more steps than are left; without it there is no limit.
 */
export function testText(condition: TextCondition, text: string, work?: Work): TextMatch {
  const test = toTest(condition)
  if (test.contains !== undefined && !text.includes(test.contains)) return unmet
  if (test.equals !== undefined && text !== test.equals) return unmet
  if (test.regex === undefined) return met
  const regex = compile(test.regex)
  if (work !== undefined)
    spendWork(work, text.length * regex.programSize(), `the regular expression /${test.regex}/`)
  const matcher = regex.matcher(text)
  if (!matcher.find()) return unmet
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? '')
  return { isMet: true, groups }
}

/** Describes a condition for a person: `should contain "weather"`. */
export function describeWanted(condition: TextCondition): string {
  const { contains, equals, regex } = toTest(condition)
  const wanted = [
    contains === undefined ? null : `contain ${JSON.stringify(contains)}`,
    equals === undefined ? null : `be ${JSON.stringify(equals)}`,
    regex === undefined ? null : `match /${regex}/`,
  ].filter((part) => part !== null)
  return wanted.length === 0 ? 'should be there' : `should ${wanted.join(' and ')}`
}

function toTest(condition: TextCondition): TextTest {
  return typeof condition === 'string' ? { contains: condition } : condition
}

const met: TextMatch = { isMet: true, groups: [] }
const unmet: TextMatch = { isMet: false, groups: [] }

const compiled = new Map<string, RE2JS>()

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = RE2JS.compile(pattern)
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(pattern, made)
  return made
}

const maxCompiled = 1_000

/** The length of a regular expression: the memory and the time to compile one grow with it. */
export const maxPatternChars = 5_000

/** Returns why a regular expression is not valid; null if it is. */
export function findRegexProblem(pattern: string): string | null {
  if (pattern.length > maxPatternChars) return `is longer than ${maxPatternChars} characters`
  try {
    compile(pattern)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Counts the groups of a valid regular expression, without the whole match. */
export function countGroups(pattern: string): number {
  return compile(pattern).groupCount()
}
