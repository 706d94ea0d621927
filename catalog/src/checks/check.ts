import { getDay } from '../day.ts'
import type { RequestFacts } from './request-facts.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import { getEffectiveDay } from '../lifecycle/lifecycle.ts'
import { findLifecycle } from '../lifecycle/lifecycle-finding.ts'
import type { Model, Platform } from '../model.ts'
import type { Rule } from './rule.ts'
import { rules } from './rules.ts'

export type { RequestFacts } from './request-facts.ts'

export type Finding = {
  readonly code: string
  /** An `error` is refused by the API, a `notice` is served. */
  readonly severity: 'error' | 'notice'
  /** The HTTP status of the answer; 200 for a notice. */
  readonly status: number
  /** The wire's error type; `notice` for a notice. */
  readonly type: string
  /** For an error the API's own text. */
  readonly message: string
  /** What to do, in one sentence. */
  readonly hint: string
  readonly path: string | null
}

export type CheckOptions = {
  readonly asOf?: string | undefined
  /** Where it is sent; default `anthropic`. The betas are looked at one by one only where it is named. */
  readonly platform?: Platform | undefined
  /** For facts that do not say it themselves. */
  readonly apiVersion?: string | undefined
  /** Default `ignore`: a retired model is checked by the facts of its own era. */
  readonly lifecycle?: LifecycleMode | undefined
}

/** What the API would say about such a request to this model, in the order in which it would find it. */
export function check(facts: RequestFacts, model: Model, options: CheckOptions = {}): readonly Finding[] {
  const mode = options.lifecycle ?? 'ignore'
  const today = getDay(options.asOf)
  const where = {
    day: getEffectiveDay(model, mode, today),
    platform: options.platform ?? 'anthropic',
    platformNamed: options.platform !== undefined,
  }
  const sent = { ...facts, api_version: facts.api_version ?? options.apiVersion }
  const findings = [...findLifecycle(model, { mode, day: today, platform: where.platform })]
  for (const rule of rules) {
    const message = rule.test(sent, model, where)
    if (message !== null) findings.push(createFinding(rule, message))
  }
  return findings
}

function createFinding({ code, hint, path, refused, served }: Rule, message: string): Finding {
  if (served === true) return { code, severity: 'notice', status: 200, type: 'notice', message, hint, path }
  const { status, type } = refused ?? { status: 400, type: 'invalid_request_error' }
  return { code, severity: 'error', status, type, message, hint, path }
}
