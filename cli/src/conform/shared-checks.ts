import { createAnswerChecks } from './answer-checks.ts'
import type { Check } from './check.ts'
import { createCountChecks } from './count-checks.ts'
import type { Dialect } from './dialect.ts'
import { createErrorChecks } from './error-checks.ts'
import { createStreamChecks } from './stream-checks.ts'
import { createThinkingChecks } from './thinking-checks.ts'
import { createToolChecks } from './tool-checks.ts'

/** The requirements that every protocol has, in its own shape. */
export function createSharedChecks(dialect: Dialect): readonly Check[] {
  return [
    ...createAnswerChecks(dialect),
    ...createStreamChecks(dialect),
    ...createToolChecks(dialect),
    ...createThinkingChecks(dialect),
    ...createCountChecks(dialect),
    ...createErrorChecks(dialect),
  ]
}
