import { describeUnresolved, resolve } from '@anthology/catalog'
import { isRecord } from '@anthology/wire'
import { compile } from 'json-p3'

import { findFaultProblem } from '../faults/fault-problem.ts'
import type { Rule, ScriptedReply, Step, When } from './scenario.ts'
import { listTemplatePaths } from './templates.ts'
import { findRegexProblem } from './text-condition.ts'

/** A mistake in a rule and the member that it is in. */
export interface RuleProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** Finds a mistake that the schema cannot describe: an unknown model, an invalid expression, contradicting members. */
export function findRuleProblem(rule: Rule): RuleProblem | null {
  for (const problem of listProblems(rule)) return problem
  return null
}

function* listProblems({ when = {}, steps, ...rule }: Rule): Generator<RuleProblem> {
  yield* prefix('when', listWhenProblems(when))
  if (steps !== undefined && (rule.reply !== undefined || rule.fault !== undefined))
    yield { path: ['steps'], message: 'a rule has either steps, or reply and fault' }
  yield* listStepProblems(rule)
  for (const [index, step] of (steps ?? []).entries()) yield* prefix(`steps.${index}`, listStepProblems(step))
}

function* listStepProblems({ reply, fault }: Step): Generator<RuleProblem> {
  const contradiction = fault && findFaultProblem(fault)
  if (contradiction) yield* prefix('fault', [contradiction])
  if (reply !== undefined) yield* prefix('reply', listReplyProblems(reply))
}

function* listReplyProblems(reply: ScriptedReply): Generator<RuleProblem> {
  const {
    blocks,
    text,
    thinking,
    tool_calls: calls,
    structured,
    refusal,
    stop_reason: stop,
    stop_sequence: sequence,
  } = reply
  const others = { text, thinking, tool_calls: calls, structured }
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0]
  if (blocks !== undefined && other !== undefined)
    yield { path: ['blocks'], message: `stands in place of ${other}; give one of them` }
  if (text !== undefined && structured !== undefined)
    yield { path: ['structured'], message: 'stands in place of text; give one of them' }
  if (refusal !== undefined && refusal !== false && (blocks !== undefined || other !== undefined))
    yield { path: ['refusal'], message: 'a refusal has no content' }
  const hasCalls = (calls ?? []).length > 0 || (blocks ?? []).some((block) => 'tool_call' in block)
  if (stop === 'tool_use' && !hasCalls)
    yield { path: ['stop_reason'], message: 'tool_use needs a call of a tool' }
  if (sequence !== undefined && stop !== 'stop_sequence')
    yield { path: ['stop_sequence'], message: 'needs stop_reason: stop_sequence' }
  for (const path of listTexts(reply).flatMap(listTemplatePaths)) {
    const problem = findPathProblem(path)
    if (problem !== null) yield { path: [], message: `{{json:${path}}}: ${problem}` }
  }
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(listTexts)
  return isRecord(value) ? Object.values(value).flatMap(listTexts) : []
}

function* listWhenProblems(when: When): Generator<RuleProblem> {
  if (when.model !== undefined) {
    const found = resolve(when.model)
    if (!found.ok)
      yield { path: ['model'], message: describeUnresolved(found) || `unknown model ${when.model}` }
  }
  for (const [name, condition] of listConditions(when)) {
    const regex = isRecord(condition) && typeof condition['regex'] === 'string' ? condition['regex'] : null
    const problem = regex === null ? null : findRegexProblem(regex)
    if (problem !== null) yield { path: [...name, 'regex'], message: problem }
  }
  for (const path of Object.keys(when.json ?? {})) {
    const problem = findPathProblem(path)
    if (problem !== null) yield { path: ['json', path], message: problem }
  }
}

function listConditions({
  path,
  system,
  last_user,
  tool_result,
  header,
  json,
}: When): readonly (readonly [readonly string[], unknown])[] {
  return [
    [['path'], path],
    [['system'], system],
    [['last_user'], last_user],
    [['tool_result'], tool_result],
    ...Object.entries(header ?? {}).map(([name, condition]) => [['header', name], condition] as const),
    ...Object.entries(json ?? {}).map(([name, condition]) => [['json', name], condition] as const),
  ]
}

function findPathProblem(path: string): string | null {
  try {
    compile(path)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function* prefix(name: string, problems: Iterable<RuleProblem>): Generator<RuleProblem> {
  for (const { path, message } of problems) yield { path: [...name.split('.'), ...path], message }
}
