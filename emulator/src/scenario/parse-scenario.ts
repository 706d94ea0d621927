import { isRecord, parseJson } from '@anthology/wire'
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document } from 'yaml'

import { readAimock } from '../cassettes/import/read-aimock.ts'
import type { AimockScenario } from '../cassettes/import/read-aimock.ts'
import { findFaultProblem } from '../faults/fault-problem.ts'
import { faultSchema } from '../faults/fault-schema.ts'
import { copyPlainValue } from './plain-value.ts'
import { findRuleProblem } from './rule-problems.ts'
import { scenarioSchema } from './scenario-schema.ts'
import type { Fault, Rule, Scenario } from './scenario.ts'
import { createValidator } from '../schema-validator.ts'
import { findSchemaProblem } from './schema-problem.ts'
import type { MemberProblem } from './schema-problem.ts'

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** The message names the place: `scenario.yaml:3:5: rules.0.when: unknown member 'modle'. Did you mean model?`. */
  | { readonly ok: false; readonly message: string }

/** A scenario that is not valid. */
export class ScenarioError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ScenarioError'
  }
}

/** The characters of a scenario in YAML: hostile YAML of this size takes seconds. */
export const maxYamlChars = 1_000_000
/** The characters of a scenario in JSON. Errors in a larger one than `maxYamlChars` have no line and column. */
export const maxJsonChars = 20_000_000

/**
 * Parses a scenario in YAML or JSON, or fixtures of aimock. `file` is its name in messages. `note` receives one line for
 * each member of a fixture that has no counterpart in a scenario. Never throws.
 */
export function parseScenario(
  text: string,
  file: string,
  note: (message: string) => void = () => {},
): Parsed<Scenario> {
  const imported = text.length > maxJsonChars ? null : readAimock(text)
  if (imported !== null) return checkImported(imported, file, note)
  if (text.length > maxYamlChars) return parseLarge(text, file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' })
  const locate = (offset: number, message: string): Parsed<Scenario> => {
    const { line, col } = lines.linePos(offset)
    return { ok: false, message: `${file}:${line}:${col}: ${message}` }
  }
  const [broken] = [...document.errors, ...document.warnings]
  if (broken !== undefined) return locate(broken.pos[0], describeBroken(broken))
  if (document.contents === null) return locate(0, 'is empty; a scenario has version and rules')
  const read = readValue(document)
  if (!read.ok) return locate(0, read.message)
  const checked = checkValue(read.value)
  return checked.ok
    ? checked
    : locate(findOffset(document, checked.problem), describeProblem(checked.problem))
}

/** The first sentence of the parser's message; its call stack is the limit of nesting. */
function describeBroken({ message }: Error): string {
  const [sentence = 'is not YAML'] = message.split(/ at line \d|\n/)
  return sentence.startsWith('Maximum call stack') ? 'is nested too deeply' : sentence
}

function parseLarge(text: string, file: string): Parsed<Scenario> {
  const value = text.length > maxJsonChars ? undefined : parseJson(text)
  const checked = value === undefined ? null : checkValue(value)
  if (checked?.ok === true) return checked
  const [yaml, json] = [maxYamlChars, maxJsonChars].map((max) => max.toLocaleString('en'))
  const message = checked
    ? describeProblem(checked.problem)
    : `is too large: YAML has at most ${yaml} characters, valid JSON at most ${json}`
  return { ok: false, message: `${file}: ${message}` }
}

function checkImported(
  { scenario, notices }: AimockScenario,
  file: string,
  note: (message: string) => void,
): Parsed<Scenario> {
  for (const notice of notices) note(`${file}: ${notice}`)
  const checked = checkValue(scenario)
  return checked.ok ? checked : { ok: false, message: `${file}: ${describeProblem(checked.problem)}` }
}

/** The parser rejects nested aliases whose expansion would exhaust memory. */
function readValue(document: Document): Parsed<unknown> {
  try {
    return { ok: true, value: document.toJS() }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Checks a scenario or a single rule that a program made. Throws a ScenarioError that names the member. */
export function checkScenario(value: Scenario | Rule): Scenario {
  const isSingle = isRule(value)
  const checked = checkValue(isSingle ? { version: 1, rules: [value] } : value)
  if (checked.ok) return checked.value
  const { problem } = checked
  // A single rule has no list around it.
  const path = isSingle ? problem.path.slice(2) : problem.path
  throw new ScenarioError(describeProblem({ ...problem, path }))
}

function isRule(value: Scenario | Rule): value is Rule {
  // A program without types may give anything.
  return isRecord(value) && !('rules' in value) && !('version' in value)
}

/** Parses a fault in JSON. */
export function parseFault(text: string): Parsed<Fault> {
  return checkFault(parseJson(text))
}

/** Checks a fault that a program made. */
export function checkFault(value: unknown): Parsed<Fault> {
  if (value === undefined) return { ok: false, message: 'is not valid JSON' }
  const plain = copyPlainValue(value)
  if (!plain.ok) return { ok: false, message: describeProblem(plain) }
  // The check of its members is for a value that satisfies the schema, which describes this type.
  const fault = plain.value as Fault
  const problem = findSchemaProblem(getFaultValidator(), fault) ?? findFaultProblem(fault)
  return problem === null ? { ok: true, value: fault } : { ok: false, message: describeProblem(problem) }
}

const options = { allErrors: true, verbose: true, strictTypes: false, allowUnionTypes: true }
const getScenarioValidator = createValidator(scenarioSchema, options)
const getFaultValidator = createValidator(faultSchema, options)

type Checked =
  | { readonly ok: true; readonly value: Scenario }
  | { readonly ok: false; readonly problem: MemberProblem }

function checkValue(given: unknown): Checked {
  const plain = copyPlainValue(given)
  if (!plain.ok) return { ok: false, problem: plain }
  const problem = findSchemaProblem(getScenarioValidator(), plain.value)
  if (problem !== null) return { ok: false, problem }
  // The value satisfies the schema, which describes this type.
  const scenario = plain.value as Scenario
  for (const [index, rule] of scenario.rules.entries()) {
    const wrong = findRuleProblem(rule)
    if (wrong !== null)
      return { ok: false, problem: { ...wrong, path: ['rules', String(index), ...wrong.path] } }
  }
  return { ok: true, value: scenario }
}

function describeProblem({ path, message }: MemberProblem): string {
  const names = path.map((name) =>
    name.length > maxShownNameChars ? `${name.slice(0, maxShownNameChars)}…` : name,
  )
  const shown = names.length > maxShownNames ? [...names.slice(0, maxShownNames), '…'] : names
  return path.length === 0 ? message : `${shown.join('.')}: ${message}`
}

const maxShownNames = 16
const maxShownNameChars = 200

/** Finds the place of a member or of the unknown name in it, else of the closest member around it that the file has. */
function findOffset(document: Document, { path, unknown }: MemberProblem): number {
  let node: unknown = document.contents
  let offset = isNode(node) && node.range ? node.range[0] : 0
  for (const name of path) {
    // The node of an alias is elsewhere in the file.
    const next: unknown = isSeq(node) ? node.items[Number(name)] : findPair(node, name)?.value
    if (!isNode(next) || !next.range) return offset
    node = next
    offset = next.range[0]
  }
  const key = unknown === undefined ? undefined : findPair(node, unknown)?.key
  return isNode(key) && key.range ? key.range[0] : offset
}

/** Finds a member by its name, which YAML may have read as a number. */
function findPair(node: unknown, name: string) {
  return isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === name) : undefined
}
