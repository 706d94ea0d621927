import { allDimensions, createGroup, rollupSpans } from './rollup.ts'
import type { RollupChange } from './rollup.ts'

export interface CorrectedCall {
  readonly startedAtMs: number
  /** In the order of `rollupDimensions`. */
  readonly dimensions: readonly string[]
  /** The change of the number of calls without a price. */
  readonly unpriced: bigint
  /** In the order of `summedColumns`. */
  readonly amounts: readonly bigint[]
}

/** The sums that a correction adds to the sums of the hour of its call. */
export function createCorrectionChange({
  startedAtMs,
  dimensions,
  unpriced,
  amounts,
}: CorrectedCall): RollupChange {
  return {
    hourMs: Math.floor(startedAtMs / rollupSpans.hour) * rollupSpans.hour,
    group: createGroup(allDimensions, dimensions),
    measures: [0n, 0n, unpriced, 0n, ...amounts],
    isAlone: amounts.some((amount) => amount > maxSummed || amount < -maxSummed),
  }
}

/** As for calls: larger values are not added to others. */
const maxSummed = 2n ** 33n
