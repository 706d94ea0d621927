import type { RequestFacts } from '../check.ts'
import type { Rule } from '../rule.ts'

export const samplingRules: readonly Rule[] = [
  removedParameter('temperature'),
  removedParameter('top_p'),
  removedParameter('top_k'),
  {
    code: 'temperature_and_top_p',
    path: 'temperature',
    source: 'Models overview, August 2025, note under the model names; text from public issue reports',
    hint: 'Send temperature or top_p, not both.',
    test: (facts, model) => {
      const { temperature, top_p } = sampling(facts)
      if (model.behaviour.sampling === 'all' || temperature === undefined || top_p === undefined) return null
      return '`temperature` and `top_p` cannot both be specified for this model. Please use only one.'
    },
  },
]

/** The sampling parameters that have a meaning in this API version. */
export function sampling(facts: RequestFacts): Pick<RequestFacts, 'temperature' | 'top_p' | 'top_k'> {
  return facts.api_version === versionWithoutSampling ? {} : facts
}

/** The API version in which temperature, top_p and top_k are gone, for every model (Versions page, 2026). */
const versionWithoutSampling = '2026-10-21'

/**
 * Any value is refused, even the default (Versions page, 2026). The page gives no text; this one is inferred from
 * how the API refuses every other member that is not in its schema.
 */
function removedParameter(name: 'temperature' | 'top_p' | 'top_k'): Rule {
  return {
    code: `${name}_removed`,
    path: name,
    source: 'Versions, API version 2026-10-21; text inferred',
    hint: `Leave ${name} out, or send anthropic-version 2023-06-01.`,
    test: (facts) =>
      facts.api_version === versionWithoutSampling && facts[name] !== undefined
        ? `${name}: Extra inputs are not permitted`
        : null,
  }
}
