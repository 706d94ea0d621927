import { addMeasures, rollupDimensions } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import type { GroupSums } from './rollup-rows.ts'

/** Subtracts sums of calls from those that contain them, by the wanted dimensions and the outcome. A group without any call is left out. */
export function subtractSums(
  sums: readonly GroupSums[],
  subtracted: readonly GroupSums[],
  wanted: ReadonlySet<RollupDimension>,
): readonly GroupSums[] {
  // Two levels may have different other dimensions.
  const kept = rollupDimensions.filter((name) => wanted.has(name) || name === 'outcome')
  const groups = new Map<
    string,
    { readonly dimensions: GroupSums['dimensions']; readonly measures: (number | bigint)[] }
  >()
  const find = ({ dimensions }: GroupSums) => {
    const name = kept.map((dimension) => dimensions[dimension]).join('\u0000')
    const group = groups.get(name) ?? { dimensions: keepDimensions(dimensions, kept), measures: [] }
    groups.set(name, group)
    return group
  }
  for (const one of sums) addMeasures(find(one).measures, one.measures)
  for (const one of subtracted)
    addMeasures(
      find(one).measures,
      one.measures.map((value) => -value),
    )
  return [...groups.values()].filter(({ measures }) => measures.some((value) => Number(value) !== 0))
}

function keepDimensions(
  dimensions: GroupSums['dimensions'],
  kept: readonly RollupDimension[],
): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => [name, kept.includes(name) ? dimensions[name] : ''] as const)
  return Object.fromEntries(entries) as Record<RollupDimension, string> // One entry for each name.
}
