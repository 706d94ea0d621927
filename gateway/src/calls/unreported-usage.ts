import { estimateInputTokens } from '../rates/input-estimate.ts'
import type { Call } from './call.ts'
import { emptyReading } from './meter.ts'
import type { Reading } from './meter.ts'

/**
 * The usage of a billable call that was cut off before the upstream reported any: the upstream has read the prompt,
 * whose tokens are estimated, and has delivered about `outputTokens`. Empty for a free call.
 */
export function estimateUnreported(
  { billable, body, model }: Pick<Call, 'billable' | 'body' | 'model'>,
  outputTokens = 0,
): Reading {
  if (!billable) return emptyReading
  const inputTokens = estimateInputTokens(body, model.imageDetail)
  const usage = JSON.stringify({ input_tokens: inputTokens, output_tokens: outputTokens })
  return { ...emptyReading, usage, usageSource: 'estimated' }
}
