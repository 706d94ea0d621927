import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { parseJson } from '@anthology/wire'
import { LineCounter, isNode, parseDocument } from 'yaml'
import type { Document } from 'yaml'

import { findFaultProblem } from '../faults/fault-problem.ts'
import { faultSchema } from '../faults/fault-schema.ts'
import { ruleSchema, scenarioSchema } from './scenario-schema.ts'
import { findRuleProblem } from './rule-problems.ts'
import type { Fault, Rule, Scenario } from './scenario.ts'

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** The message names the place: `scenario.yaml:3:5: rules.0.when: unknown member 'modle'`. */
  | { readonly ok: false; readonly message: string }

/** A scenario that is not valid. */
export class ScenarioError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ScenarioError'
  }
}

/** Parses a scenario in YAML or JSON. `file` is its name in messages. */
export function parseScenario(text: string, file: string): Parsed<Scenario> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const locate = (offset: number, message: string): Parsed<Scenario> => {
    const { line, col } = lines.linePos(offset)
    return { ok: false, message: `${file}:${line}:${col}: ${message}` }
  }
  const [broken] = document.errors
  if (broken !== undefined) return locate(broken.pos[0], broken.message.split('\n')[0] ?? 'broken YAML')
  const read = readValue(document)
  if (!read.ok) return locate(0, read.message)
  const problem = findProblem(validators.scenario, read.value) ?? findInRules(read.value)
  // The value satisfies the schema, which describes this type.
  if (problem === null) return { ok: true, value: read.value as Scenario }
  return locate(findOffset(document, problem.path), describe(problem))
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
  const scenario = isScenario(value) ? value : { version: 1 as const, rules: [value] }
  const problem = findProblem(validators.scenario, scenario) ?? findInRules(scenario)
  if (problem !== null) throw new ScenarioError(describe(problem))
  return scenario
}

function isScenario(value: Scenario | Rule): value is Scenario {
  return 'rules' in value || 'version' in value
}

/** Parses a fault in JSON. */
export function parseFault(text: string): Parsed<Fault> {
  return checkFault(parseJson(text))
}

/** Checks a fault that a program made. */
export function checkFault(value: unknown): Parsed<Fault> {
  if (value === undefined) return { ok: false, message: 'is not valid JSON' }
  // The check of its members is for a value that satisfies the schema, which describes this type.
  const problem = findProblem(validators.fault, value) ?? findFaultProblem(value as Fault)
  return problem === null ? { ok: true, value: value as Fault } : { ok: false, message: describe(problem) }
}

const ajv = new Ajv2020({ allErrors: false, strictTypes: false, allowUnionTypes: true })
const validators = {
  scenario: ajv.compile(scenarioSchema),
  rule: ajv.compile(ruleSchema),
  fault: ajv.compile(faultSchema),
}

/** A violation and the member that it concerns. */
interface MemberProblem {
  readonly path: readonly string[]
  readonly message: string
}

function findProblem(validate: ValidateFunction, value: unknown): MemberProblem | null {
  if (validate(value)) return null
  const [error] = validate.errors ?? []
  return error === undefined ? { path: [], message: 'is not valid' } : toProblem(error)
}

function toProblem({ instancePath, keyword, params, message = 'is not valid' }: ErrorObject): MemberProblem {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  switch (keyword) {
    case 'additionalProperties':
      return { path, message: `unknown member '${String(params['additionalProperty'])}'` }
    case 'required':
      return { path, message: `needs ${String(params['missingProperty'])}` }
    case 'enum':
      return { path, message: `must be one of ${JSON.stringify(params['allowedValues'])}` }
    case 'const':
      return { path, message: `must be ${JSON.stringify(params['allowedValue'])}` }
    default:
      return { path, message }
  }
}

/** What the schema cannot state. */
function findInRules(value: unknown): MemberProblem | null {
  // The value satisfies the schema, which describes this type.
  const { rules } = value as Scenario
  for (const [index, rule] of rules.entries()) {
    const problem = findRuleProblem(rule)
    if (problem) return { path: ['rules', String(index), ...problem.path], message: problem.message }
  }
  return null
}

function describe({ path, message }: MemberProblem): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

/** Finds the place of a member, or of the closest one around it that the file has. */
function findOffset(document: Document, path: readonly string[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}
