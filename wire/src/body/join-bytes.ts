/** Returns memory that the caller overwrites completely, so it need not be zeroed. */
export type Allocate = (bytes: number) => Uint8Array

/** Concatenates the pieces. */
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
