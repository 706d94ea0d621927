import { getDay } from '../day.ts'
import type { RequestFacts } from './request-facts.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import { getEffectiveDay } from '../lifecycle/lifecycle.ts'
import { findLifecycle } from '../lifecycle/lifecycle-finding.ts'
import type { Model, Platform } from '../model.ts'
import type { Rule, CheckContext } from './rule.ts'
import { callRules, modelRules } from './rules.ts'
import type { Finding } from './finding.ts'

export type { RequestFacts } from './request-facts.ts'

export interface CheckOptions {
  readonly asOf?: string | undefined
  /** Where it is sent; default `anthropic`. The betas are looked at one by one only where it is named. */
  readonly platform?: Platform | undefined
  /** For facts that do not say it themselves. */
  readonly apiVersion?: string | undefined
  /** Default `ignore`: a retired model is checked by the facts of its own era. */
  readonly lifecycle?: LifecycleMode | undefined
  /** Default `noticed`: the API may know a beta that this catalog does not. `refused` is for a stand-in of the API. */
  readonly unknownBetas?: CheckContext['unknownBetas'] | undefined
}

/** What the API would say about such a request to this model, in the order in which it would find it. */
export function check(facts: RequestFacts, model: Model, options: CheckOptions = {}): readonly Finding[] {
  const where = situate(options, model)
  const { lifecycle: mode, today: day, platform } = where
  const sent = { ...facts, api_version: facts.api_version ?? options.apiVersion }
  return [
    ...applyRules(callRules, (rule) => rule.test(sent, null, where), where),
    ...findLifecycle(model, { mode, day, platform }),
    ...applyRules(modelRules, (rule) => rule.test(sent, model, where), where),
  ]
}

/** The first findings of `check`: what the API says before it looks for the model. */
export function checkCall(facts: RequestFacts, options: CheckOptions = {}): readonly Finding[] {
  const where = situate(options, null)
  return applyRules(callRules, (rule) => rule.test(facts, null, where), where)
}

function applyRules<Of extends Rule>(
  rules: readonly Of[],
  test: (rule: Of) => string | null,
  where: CheckContext,
): readonly Finding[] {
  const findings: Finding[] = []
  for (const rule of rules) {
    const message = test(rule)
    // Two rules with one text are one refusal; the first of them knows better why.
    if (message === null || findings.some((found) => found.message === message)) continue
    findings.push(describeFinding(rule, message, where))
  }
  return findings
}

function situate({ asOf, platform, lifecycle = 'ignore', unknownBetas }: CheckOptions, model: Model | null) {
  const today = getDay(asOf)
  return {
    day: model === null ? today : getEffectiveDay(model, lifecycle, today),
    today,
    lifecycle,
    platform: platform ?? 'anthropic',
    platformNamed: platform !== undefined,
    unknownBetas: unknownBetas ?? 'noticed',
  } satisfies CheckContext
}

function describeFinding(rule: Rule, message: string, where: CheckContext): Finding {
  const { code, hint, path, refused, served = false, errorCode } = rule
  if (typeof served === 'function' ? served(where) : served)
    return { code, severity: 'notice', status: 200, type: 'notice', message, hint, path }
  const { status, type } = refused ?? { status: 400, type: 'invalid_request_error' }
  const named = errorCode !== undefined && where.day >= errorCode.since ? { errorCode: errorCode.name } : {}
  return { code, severity: 'error', status, type, message, hint, path, ...named }
}
