import type { Rule } from './rule.ts'
import { betaRules } from './rules/betas.ts'
import { conversationRules } from './rules/conversation.ts'
import { limitRules } from './rules/limits.ts'
import { platformRules } from './rules/platform.ts'
import { samplingRules } from './rules/sampling.ts'
import { switchRules } from './rules/switches.ts'
import { thinkingRules } from './rules/thinking.ts'
import { toolRules } from './rules/tools.ts'

/** Every rule of `check`, in the order in which its findings are reported. */
export const rules: readonly Rule[] = [
  ...samplingRules,
  ...limitRules,
  ...thinkingRules,
  ...switchRules,
  ...conversationRules,
  ...toolRules,
  ...platformRules,
  ...betaRules,
]
