import type { CallRule, Rule } from './rule.ts'
import { batchRules } from './rules/batch.ts'
import { betaGateRules } from './rules/beta-gates.ts'
import { betaRules, modelBetaRules } from './rules/betas.ts'
import { bodySizeRules } from './rules/body-size.ts'
import { conversationRules, turnRules } from './rules/conversation.ts'
import { countingRules, limitRules } from './rules/limits.ts'
import { mediaRules } from './rules/media.ts'
import { platformRules } from './rules/platform.ts'
import { samplingRules } from './rules/sampling.ts'
import { switchRules } from './rules/switches.ts'
import { thinkingRules } from './rules/thinking.ts'
import { toolRules } from './rules/tools.ts'

/** The rules that the API checks first, before the schema and the model. */
export const callRules: readonly CallRule[] = [...bodySizeRules, ...betaRules]

/** The other rules of `check`, in the API's order. */
export const modelRules: readonly Rule[] = [
  ...batchRules,
  ...samplingRules,
  ...limitRules,
  ...thinkingRules,
  ...switchRules,
  ...conversationRules,
  ...toolRules,
  ...platformRules,
  ...modelBetaRules,
  ...betaGateRules,
  ...turnRules,
  ...mediaRules,
  ...countingRules,
]
