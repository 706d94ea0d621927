import { rollupDimensions } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import type { GroupSums } from './rollup-rows.ts'

/** Subtracts sums of calls from those that contain them, by the wanted dimensions and the outcome. A group without any call is left out. */
export function subtractSums(
  sums: readonly GroupSums[],
  subtracted: readonly GroupSums[],
  wanted: ReadonlySet<RollupDimension>,
): readonly GroupSums[] {
  const groups = new Map<
    string,
    { readonly dimensions: GroupSums['dimensions']; readonly measures: Record<string, bigint> }
  >()
  const add = ({ dimensions, measures }: GroupSums, sign: bigint) => {
    const kept = keepDimensions(dimensions, wanted)
    const name = Object.values(kept).join('\u0000')
    const group = groups.get(name) ?? { dimensions: kept, measures: {} }
    groups.set(name, group)
    for (const [measure, value] of Object.entries(measures))
      group.measures[measure] = (group.measures[measure] ?? 0n) + sign * value
  }
  for (const one of sums) add(one, 1n)
  for (const one of subtracted) add(one, -1n)
  return [...groups.values()].filter(({ measures }) => Object.values(measures).some((value) => value !== 0n))
}

/** Two levels may have different other dimensions. */
function keepDimensions(
  dimensions: GroupSums['dimensions'],
  wanted: ReadonlySet<RollupDimension>,
): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => {
    const isKept = wanted.has(name) || name === 'outcome'
    return [name, isKept ? dimensions[name] : ''] as const
  })
  return Object.fromEntries(entries) as Record<RollupDimension, string> // One entry for each name.
}
