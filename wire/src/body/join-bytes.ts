/** Allocates memory, all of which is overwritten. Memory that is not zeroed first costs less. */
export type Allocate = (bytes: number) => Uint8Array

/** Joins pieces into one, in their order; a single piece is returned without a copy. */
export function joinBytes(pieces: readonly Uint8Array[], allocate: Allocate = zeroed): Uint8Array {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const joined = allocate(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

const zeroed: Allocate = (bytes) => new Uint8Array(bytes)
