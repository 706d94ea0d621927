import type { Model } from '../model.ts'
import { models } from '../models.ts'
import { getLifecycle } from './lifecycle.ts'

/** The newest Sonnet that is active on the Claude API on a day (default today): what to try first. Undefined: there is none. */
export function suggestModel(asOf?: string): Model | undefined {
  return models.find(
    (model) => model.family === 'sonnet' && getLifecycle(model, 'anthropic', asOf).status === 'active',
  )
}
