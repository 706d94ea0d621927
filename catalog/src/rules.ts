import type { Rule } from './rule.ts'
import { limitRules } from './rules/limits.ts'
import { samplingRules } from './rules/sampling.ts'
import { thinkingRules } from './rules/thinking.ts'

/** Every rule of `check`, in the order in which its findings are reported. */
export const rules: readonly Rule[] = [...samplingRules, ...limitRules, ...thinkingRules]
