/** Gives memory that is written over in full: whoever has some that need not be zeroed first saves that. */
export type Allocate = (bytes: number) => Uint8Array

/** One after the other, in one piece. */
export function joinBytes(pieces: readonly Uint8Array[], allocate: Allocate = zeroed): Uint8Array {
  const joined = allocate(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

const zeroed: Allocate = (bytes) => new Uint8Array(bytes)
