import type { RequestFacts } from '../request-facts.ts'
import type { Model } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { extraInput, versionOf2026 } from '../rule.ts'

export const samplingRules: readonly Rule[] = [
  removedParameter('temperature'),
  removedParameter('top_p'),
  removedParameter('top_k'),
  fixedParameter('temperature', [1]),
  // The default has been 0.99 since May 2025 (release notes); 1 has no effect.
  fixedParameter('top_p', [0.99, 1]),
  fixedParameter('top_k', []),
  {
    code: 'temperature_and_top_p',
    path: 'temperature',
    source:
      'Models overview, August 2025, note under the model names, and migration guide of Haiku 5.5, 2026; text from public issue reports',
    hint: 'Send temperature or top_p, not both.',
    test: (facts, model) => {
      const { temperature, top_p } = sampling(facts)
      const { sampling: accepted, strictSampling } = model.behaviour
      const isExclusive = accepted === 'temperature_xor_top_p' || strictSampling === true
      if (!isExclusive || temperature === undefined || top_p === undefined) return null
      return '`temperature` and `top_p` cannot both be specified for this model. Please use only one.'
    },
  },
]

/** The sampling parameters that exist in the request's API version. */
export function sampling(facts: RequestFacts): Pick<RequestFacts, 'temperature' | 'top_p' | 'top_k'> {
  return facts.api_version === versionOf2026 ? {} : facts
}

/**
 * Any value is rejected, even the default (Versions page, 2026). The page gives no text; this one is
 * inferred from the API's text for any other unknown member.
 */
function removedParameter(name: 'temperature' | 'top_p' | 'top_k'): Rule {
  return {
    code: `${name}_removed`,
    path: name,
    source: 'Versions, API version 2026-10-21; text inferred',
    hint: `Leave ${name} out, or send anthropic-version 2023-06-01.`,
    test: (facts) =>
      facts.api_version === versionOf2026 && facts[name] !== undefined ? extraInput(name) : null,
  }
}

/** For models that accept the default value only: the text was seen for temperature; the others are inferred. */
function fixedParameter(name: 'temperature' | 'top_p' | 'top_k', defaults: readonly number[]): Rule {
  return {
    code: `${name}_fixed`,
    path: name,
    source: 'Migration guide, 2026; text from github.com/RooCodeInc/Roo-Code/issues/12162, April 2026',
    hint: `Leave ${name} out: this model accepts only the default.`,
    test: (facts, model) => {
      const value = sampling(facts)[name]
      if (model.behaviour.sampling !== 'default_only' || value === undefined) return null
      const isStrict = model.behaviour.strictSampling === true
      const accepted = isStrict ? defaults.slice(0, 1) : defaults
      // If thinking is on, the rule about thinking rejects the temperature.
      if (accepted.includes(value) || (name === 'temperature' && thinks(facts, model))) return null
      return `\`${name}\` is deprecated for this model.`
    },
  }
}

/** True if the request enables thinking, adaptive or with a budget, for a model that supports it. */
export function thinks({ thinking_type }: RequestFacts, { thinking }: Model): boolean {
  if (thinking_type !== 'enabled' && thinking_type !== 'adaptive') return false
  return thinking?.types.includes(thinking_type) === true
}
