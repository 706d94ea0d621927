import type { CheckOptions, Finding, Model, RequestFacts } from '../src/index.ts'
import { check, resolve } from '../src/index.ts'

/** The errors of a request to a model, on the day of the page by default. */
export function getErrors(facts: RequestFacts, name: string, options: CheckOptions = {}): readonly Finding[] {
  const findings = check(facts, modelNamed(name), { asOf: '2025-08-15', ...options })
  return findings.filter(({ severity }) => severity === 'error')
}

/** The texts of the same errors. */
export function listTexts(facts: RequestFacts, name: string, options: CheckOptions = {}): readonly string[] {
  return getErrors(facts, name, options).map(({ message }) => message)
}

export function modelNamed(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no ${name} in the catalog`)
  return found.model
}
