import { createRateLimits, GatewayError } from '@anthology/gateway'
import type { Config, StoreLocation } from '@anthology/gateway'

import type { Context } from '../command.ts'
import { findKeyedRateProblems } from '../keyed-rates.ts'
import { fail, getReason, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** Checks that the models and keys in `rates` exist. `flags` lead an advised command to the store. */
export async function inspectRates(
  config: Config,
  location: StoreLocation,
  advice: Pick<Context, 'env'> & { readonly flags: string },
): Promise<readonly Finding[]> {
  try {
    createRateLimits(config.rates)
  } catch (error) {
    const hint = error instanceof GatewayError ? error.hint : undefined
    return [fail('Configuration', 'rates', [getReason(error), hint || 'Correct the name in the file.'])]
  }
  const problems = await findKeyedRateProblems({ config, ...location }, advice)
  return problems.map(({ text, next }) => warn('Configuration', 'rates', [text, next]))
}
