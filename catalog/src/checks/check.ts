import { getDay } from '../day.ts'
import type { RequestFacts } from './request-facts.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import { getEffectiveDay } from '../lifecycle/lifecycle.ts'
import { findLifecycle } from '../lifecycle/lifecycle-finding.ts'
import type { FoundryHosting, Model, Platform } from '../model.ts'
import type { Rule, CheckContext } from './rule.ts'
import { callRules, modelRules } from './rules.ts'
import type { Finding } from './finding.ts'

export type { RequestFacts } from './request-facts.ts'

export interface CheckOptions {
  readonly asOf?: string | undefined
  /** The target platform; default `anthropic`. Individual betas are checked only if the platform is given. */
  readonly platform?: Platform | undefined
  /** The host of a deployment of Foundry; default: its limits are not checked. Other platforms ignore it. */
  readonly hosting?: FoundryHosting | undefined
  /** The API version, for facts without one. */
  readonly apiVersion?: string | undefined
  /** Default `ignore`: a retired model is checked by the facts of its own era. */
  readonly lifecycle?: LifecycleMode | undefined
  /**
   * Default `noticed`, because the API may know a beta that this catalog does not. A stand-in of the API
   * uses `refused`.
   */
  readonly unknownBetas?: CheckContext['unknownBetas'] | undefined
}

/** Checks a request for a model; returns the API's findings in the order in which the API reaches them. */
export function check(facts: RequestFacts, model: Model, options: CheckOptions = {}): readonly Finding[] {
  const where = createContext(options, model)
  const { lifecycle: mode, today: day, platform } = where
  const sent =
    facts.api_version === undefined && options.apiVersion !== undefined
      ? { ...facts, api_version: options.apiVersion }
      : facts
  return [
    ...applyRules(callRules, (rule) => rule.test(sent, null, where), where),
    ...findLifecycle(model, { mode, day, platform }),
    ...applyRules(modelRules, (rule) => rule.test(sent, model, where), where),
  ]
}

/** The first findings of `check`: those the API makes before it looks up the model. */
export function checkCall(facts: RequestFacts, options: CheckOptions = {}): readonly Finding[] {
  const where = createContext(options, null)
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
    // Two rules with the same text are one error; keep the first, whose hint is more specific.
    if (message === null || findings.some((found) => found.message === message)) continue
    findings.push(describeFinding(rule, message, where))
  }
  return findings
}

function createContext(
  { asOf, platform, hosting, lifecycle = 'ignore', unknownBetas }: CheckOptions,
  model: Model | null,
) {
  const today = getDay(asOf)
  return {
    day: model === null ? today : getEffectiveDay(model, lifecycle, today),
    today,
    lifecycle,
    platform: platform ?? 'anthropic',
    hosting: platform === 'foundry' ? hosting : undefined,
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
