import { createRateLimits, GatewayError } from '@anthology/gateway'
import type { Config } from '@anthology/gateway'

import type { Context } from '../command.ts'
import { findKeyedRateProblems } from '../keyed-rates.ts'
import { fail, getReason, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** Checks that the models and keys in `rates` exist. */
export function inspectRates(config: Config, dataFolder: string, context: Context): readonly Finding[] {
  try {
    createRateLimits(config.rates)
  } catch (error) {
    const hint = error instanceof GatewayError ? error.hint : undefined
    return [fail('Configuration', 'rates', [getReason(error), hint || 'Correct the name in the file.'])]
  }
  return findKeyedRateProblems({ config, dataFolder }, context).map(({ text, next }) =>
    warn('Configuration', 'rates', [text, next]),
  )
}
