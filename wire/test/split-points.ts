import * as fc from 'fast-check'

/** Offsets to cut at, in any order. */
export type Cuts = readonly number[] | 'every byte'

export const randomCuts: fc.Arbitrary<Cuts> = fc.oneof(
  fc.array(fc.nat({ max: 1_000 }), { maxLength: 20 }),
  fc.constant<Cuts>('every byte'),
)

/** The pieces between the offsets, including empty ones. */
export function cutAt(bytes: Uint8Array, cuts: Cuts): Uint8Array[] {
  const within = cuts === 'every byte' ? Array.from(bytes.keys()) : cuts.filter((at) => at <= bytes.length)
  const places = [0, ...within.sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}
