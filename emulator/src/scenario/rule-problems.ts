import { describeUnresolved, resolve } from '@anthology/catalog'
import { isRecord } from '@anthology/wire'

import { findFaultProblem } from '../faults/fault-problem.ts'
import { findPathProblem } from './json-path.ts'
import { listReplyProblems } from './reply-problems.ts'
import type { RuleProblem } from './reply-problems.ts'
import type { Rule, Step, When } from './scenario.ts'
import { countGroups, findRegexProblem } from './text-condition.ts'

/** Finds a mistake that the schema cannot describe: an unknown model, an invalid expression, contradicting members. */
export function findRuleProblem(rule: Rule): RuleProblem | null {
  for (const problem of listProblems(rule)) return problem
  return null
}

function* listProblems({ when = {}, steps, ...rule }: Rule): Generator<RuleProblem> {
  yield* prefix(['when'], listWhenProblems(when))
  if (steps !== undefined && (rule.reply !== undefined || rule.fault !== undefined))
    yield { path: ['steps'], message: 'a rule has either steps, or reply and fault' }
  // Expressions are valid from here on.
  const groups = countFirstGroups(when)
  yield* listStepProblems(rule, groups)
  for (const [index, step] of (steps ?? []).entries())
    yield* prefix(['steps', String(index)], listStepProblems(step, groups))
}

function* listStepProblems({ reply, fault }: Step, groups: number | null): Generator<RuleProblem> {
  const contradiction = fault && findFaultProblem(fault)
  if (contradiction) yield* prefix(['fault'], [contradiction])
  if (reply !== undefined) yield* prefix(['reply'], listReplyProblems(reply, groups))
}

/** The number of groups that `{{match.1}}` can name; null if the rule has no regular expression. */
function countFirstGroups(when: When): number | null {
  for (const [, condition] of listConditions(when)) {
    const regex = readRegex(condition)
    if (regex !== null) return countGroups(regex)
  }
  return null
}

function* listWhenProblems(when: When): Generator<RuleProblem> {
  if (when.model !== undefined) {
    const found = resolve(when.model)
    if (!found.ok) {
      const message = `unknown model ${JSON.stringify(when.model)}. ${describeUnresolved(found)}`.trimEnd()
      yield { path: ['model'], message }
    }
  }
  for (const [name, condition] of listConditions(when)) {
    const regex = readRegex(condition)
    const problem = regex === null ? null : findRegexProblem(regex)
    if (problem !== null) yield { path: [...name, 'regex'], message: problem }
  }
  for (const [path, condition] of Object.entries(when.json ?? {})) {
    const problem = findPathProblem(path)
    if (problem !== null) yield { path: ['json', path], message: `is not a JSONPath: ${problem}` }
    if (isRecord(condition) && condition.exists === false && Object.keys(condition).length > 1)
      yield { path: ['json', path, 'exists'], message: 'a value that does not exist has no other conditions' }
  }
  yield* listRepeatedHeaders(when)
}

function* listRepeatedHeaders({ header = {} }: When): Generator<RuleProblem> {
  const known = new Set<string>()
  for (const name of Object.keys(header)) {
    if (known.has(name.toLowerCase()))
      yield { path: ['header', name], message: 'repeats a header; the case of its name has no influence' }
    known.add(name.toLowerCase())
  }
}

/** The conditions that may have a regular expression, in the order in which they are tested. */
function listConditions({
  path,
  header,
  system,
  last_user,
  question,
  tool_result,
  json,
}: When): readonly (readonly [readonly string[], unknown])[] {
  return [
    [['path'], path],
    ...Object.entries(header ?? {}).map(([name, condition]) => [['header', name], condition] as const),
    [['system'], system],
    [['last_user'], last_user],
    [['question'], question],
    [['tool_result'], tool_result],
    ...Object.entries(json ?? {}).map(([name, condition]) => [['json', name], condition] as const),
  ]
}

function readRegex(condition: unknown): string | null {
  return isRecord(condition) && typeof condition['regex'] === 'string' ? condition['regex'] : null
}

function* prefix(names: readonly string[], problems: Iterable<RuleProblem>): Generator<RuleProblem> {
  for (const { path, message } of problems) yield { path: [...names, ...path], message }
}
