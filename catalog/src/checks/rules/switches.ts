import { valueOn } from '../../effective-dated.ts'
import type { EffortLevel } from '../../model.ts'
import { fastOn } from '../../pricing/price-rate.ts'
import type { Rule } from '../rule.ts'
import { extraInput, isWithout } from '../rule.ts'
import { findSchemaNotOnAzure } from './azure-hosting.ts'

/** Members that only some models accept: effort, geography, speed, a schema for the answer. */
export const switchRules: readonly Rule[] = [
  {
    code: 'effort_unsupported',
    path: 'output_config.effort',
    source: 'Effort, August 2026; text from github.com/anthropics/claude-code/issues/30010, March 2026',
    hint: 'Leave output_config.effort out, or choose a model that supports it.',
    test: ({ effort }, model) =>
      effort !== undefined && model.effort === null
        ? 'This model does not support the effort parameter.'
        : null,
  },
  {
    code: 'effort_beta_missing',
    path: 'output_config',
    source: 'Effort, August 2026, and release notes; text inferred',
    hint: 'Send the beta header effort-2025-11-24.',
    test: (facts, model, { day }) => {
      const beta = model.effort?.beta ?? null
      if (facts.effort === undefined || beta === null || day >= beta.until) return null
      return isWithout(facts, beta.header) ? extraInput('output_config') : null
    },
  },
  {
    code: 'effort_level_unsupported',
    path: 'output_config.effort',
    source: 'Effort, August 2026; text inferred',
    hint: 'Choose one of the levels that the model supports.',
    test: ({ effort }, model) => {
      if (effort === undefined || model.effort === null) return null
      const levels: readonly string[] = model.effort.levels
      if (levels.includes(effort)) return null
      // The schema of the API rejects what is a level of no model, before the model's own rule.
      if (!efforts.some((level) => level === effort))
        return "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"
      return `This model does not support effort level '${effort}'. Supported levels: ${levels.join(', ')}.`
    },
  },
  {
    code: 'effort_without_thinking',
    path: 'output_config.effort',
    source: 'Migration guide, 2026; text from github.com/anthropics/claude-code/issues/81084, July 2026',
    hint: 'Lower the effort, or leave thinking on.',
    test: ({ effort, thinking_type }, model) => {
      const most = model.thinking?.switchedOffUpToEffort ?? null
      const off = thinking_type === 'disabled' || thinking_type === 'between_tools'
      if (most === null || !off || effort === undefined) return null
      if (model.thinking?.types.includes(thinking_type) !== true) return null
      if (!isAbove(effort, most)) return null
      return `output_config.effort '${effort}' is not supported when thinking is disabled on this model. Use effort '${most}' or below, or enable thinking.`
    },
  },
  {
    code: 'inference_geo_unsupported',
    path: 'inference_geo',
    source: 'Pricing, October 2026: models before 4.6 answer 400; text inferred',
    hint: 'Leave inference_geo out, or choose a model of generation 4.6 or later.',
    test: ({ inference_geo }, model) =>
      inference_geo !== undefined && !model.behaviour.inferenceGeo
        ? `'${model.id}' does not support inference_geo.`
        : null,
  },
  {
    code: 'speed_unsupported',
    path: 'speed',
    source: 'Fast mode, August 2026; text inferred',
    hint: 'Leave speed out, or choose a model with fast mode on this platform.',
    test: ({ speed }, model, { day, platform }) =>
      speed === 'fast' && fastOn(model, day, platform) === null
        ? `'${model.id}' does not support speed: fast.`
        : null,
  },
  {
    code: 'speed_beta_missing',
    path: 'speed',
    source: 'Fast mode, August and November 2026; text inferred',
    hint: 'Send the beta header fast-mode-2026-02-01.',
    // On Google Cloud fast mode may require no header (uncertain), so this rule is silent there.
    test: (facts, model, { day, platform }) => {
      if (facts.speed !== 'fast' || platform !== 'anthropic') return null
      if (fastOn(model, day, platform) === null) return null
      const beta = valueOn(model.rateCards, day)?.fast?.needsBeta ?? null
      return beta !== null && isWithout(facts, beta) ? extraInput('speed') : null
    },
  },
  {
    code: 'output_format_unsupported',
    path: 'output_config.format',
    source: 'Models API, April 2026, and model pages; text inferred',
    hint: 'Use a tool with a schema to get JSON, or choose a model with structured outputs.',
    test: ({ output_format, tools }, model, where) => {
      const { supported, notOn = [] } = model.behaviour.structuredOutputs
      if (output_format === true && (supported === false || notOn.includes(where.platform)))
        return `'${model.id}' does not support structured outputs.`
      const hasSchema =
        output_format === true || tools?.some(({ members }) => members.includes('strict')) === true
      return hasSchema ? findSchemaNotOnAzure(where) : null
    },
  },
  {
    code: 'fallbacks_unsupported',
    path: 'fallbacks',
    source: 'Model page of Haiku 5.5, October 2026; text inferred',
    hint: 'Leave fallbacks out, or choose another model.',
    test: ({ body_members }, model) =>
      body_members?.includes('fallbacks') === true && model.id === 'claude-haiku-5-5'
        ? `'${model.id}' does not support fallbacks.`
        : null,
  },
]

const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly EffortLevel[]

function isAbove(effort: string, most: EffortLevel): boolean {
  return efforts.findIndex((level) => level === effort) > efforts.indexOf(most)
}
