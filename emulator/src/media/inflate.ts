/**
 * Unpacks a zlib stream (RFC 1950 and 1951), since no runtime offers that at once and everywhere:
 * `DecompressionStream` answers later. Gives what there is of a stream that is broken or longer
 * than the limit; the checksum is not looked at.
 */
export function inflateZlib(packed: Uint8Array, limitBytes: number): Uint8Array {
  const bits = createBitReader(packed.subarray(2))
  const output = createOutput(limitBytes)
  try {
    while (!readBlock(bits, output)) if (output.isFull()) break
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return output.bytes()
}

interface BitReader {
  take(count: number): number
  /** Whole bytes from the next border on. */
  takeBytes(count: number): Uint8Array
}

/** A stream that breaks off is a `RangeError`, which ends the reading. */
function createBitReader(bytes: Uint8Array): BitReader {
  let at = 0
  let held = 0
  let heldBits = 0
  const take = (count: number): number => {
    while (heldBits < count) {
      const next = bytes[at]
      if (next === undefined) throw new RangeError('the stream breaks off')
      held |= next << heldBits
      heldBits += 8
      at += 1
    }
    const value = held & ((1 << count) - 1)
    held >>>= count
    heldBits -= count
    return value
  }
  const takeBytes = (count: number): Uint8Array => {
    // What is held is the rest of a byte, never a whole one.
    held = 0
    heldBits = 0
    at += count
    return bytes.subarray(at - count, at)
  }
  return { take, takeBytes }
}

interface Output {
  push(byte: number): void
  append(bytes: Uint8Array): void
  /** Repeats what stands so far back; it may run into what it writes. */
  repeat(distance: number, length: number): void
  isFull(): boolean
  bytes(): Uint8Array
}

function createOutput(limitBytes: number): Output {
  let buffer = new Uint8Array(Math.min(4_096, limitBytes))
  let length = 0
  const push = (byte: number): void => {
    if (length >= limitBytes) throw new RangeError('the limit is reached')
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, limitBytes))
      larger.set(buffer)
      buffer = larger
    }
    buffer[length] = byte
    length += 1
  }
  return {
    push,
    append: (bytes) => {
      for (const byte of bytes) push(byte)
    },
    repeat: (distance, count) => {
      if (distance > length) throw new RangeError('it refers to before the beginning')
      for (let index = 0; index < count; index += 1) push(buffer[length - distance] ?? 0)
    },
    isFull: () => length >= limitBytes,
    bytes: () => buffer.subarray(0, length),
  }
}

/** True after the last block. */
function readBlock(bits: BitReader, output: Output): boolean {
  const isLast = bits.take(1) === 1
  const kind = bits.take(2)
  if (kind === 0) output.append(readStored(bits))
  else if (kind === 1) readCodes(bits, output, fixedCodes)
  else if (kind === 2) readCodes(bits, output, readDynamicCodes(bits))
  else throw new RangeError('no such block')
  return isLast
}

function readStored(bits: BitReader): Uint8Array {
  const [low = 0, high = 0] = bits.takeBytes(4)
  return bits.takeBytes(low + 256 * high)
}

interface Codes {
  readonly literals: Code
  readonly distances: Code
}

function readCodes(bits: BitReader, output: Output, { literals, distances }: Codes): void {
  for (;;) {
    const symbol = readSymbol(bits, literals)
    if (symbol === endOfBlock) return
    if (symbol < endOfBlock) output.push(symbol)
    else {
      const length = readExtended(bits, lengthRows, symbol - endOfBlock - 1)
      output.repeat(readExtended(bits, distanceRows, readSymbol(bits, distances)), length)
    }
  }
}

const endOfBlock = 256

/** A Huffman code: how many symbols have each length, and the symbols in the order of their codes. */
interface Code {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

function createCode(lengths: readonly number[]): Code {
  const counts = Array.from(
    { length: maxCodeLength + 1 },
    (_, size) => lengths.filter((l) => l === size).length,
  )
  counts[0] = 0
  const symbols = lengths
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .toSorted((one, other) => one.length - other.length || one.symbol - other.symbol)
  return { counts, symbols: symbols.map(({ symbol }) => symbol) }
}

const maxCodeLength = 15

/** Canonical codes of one length follow each other, so a code is told by counting. */
function readSymbol(bits: BitReader, { counts, symbols }: Code): number {
  let code = 0
  let first = 0
  let index = 0
  for (let length = 1; length <= maxCodeLength; length += 1) {
    code |= bits.take(1)
    const count = counts[length] ?? 0
    if (code - count < first) return symbols[index + code - first] ?? endOfBlock
    index += count
    first = (first + count) << 1
    code <<= 1
  }
  throw new RangeError('no such code')
}

/** The order in which the lengths of the code for lengths come (RFC 1951, 3.2.7). */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function readDynamicCodes(bits: BitReader): Codes {
  const literalCount = bits.take(5) + 257
  const distanceCount = bits.take(5) + 1
  const lengthCount = bits.take(4) + 4
  const sizes: number[] = Array.from({ length: lengthOrder.length }, () => 0)
  for (const place of lengthOrder.slice(0, lengthCount)) sizes[place] = bits.take(3)
  const lengthCode = createCode(sizes)
  const lengths: number[] = []
  while (lengths.length < literalCount + distanceCount) {
    const symbol = readSymbol(bits, lengthCode)
    if (symbol < 16) lengths.push(symbol)
    else {
      const repeated = symbol === 16 ? (lengths.at(-1) ?? 0) : 0
      const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)
      for (let time = 0; time < times; time += 1) lengths.push(repeated)
    }
  }
  return {
    literals: createCode(lengths.slice(0, literalCount)),
    distances: createCode(lengths.slice(literalCount, literalCount + distanceCount)),
  }
}

const fixedCodes: Codes = {
  literals: createCode(
    Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  ),
  distances: createCode(Array.from({ length: 30 }, () => 5)),
}

/** Where a symbol's range begins, and how many bits more say where in it (RFC 1951, 3.2.5). */
type Row = readonly [base: number, extraBits: number]

function readExtended(bits: BitReader, rows: readonly Row[], symbol: number): number {
  const row = rows[symbol]
  if (!row) throw new RangeError('no such symbol')
  return row[0] + bits.take(row[1])
}

const lengthRows: readonly Row[] = [
  ...listRows(3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]),
  [258, 0],
]
const distanceRows: readonly Row[] = listRows(
  1,
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
)

/** Each range begins where the one before ends. */
function listRows(start: number, extras: readonly number[]): readonly Row[] {
  let base = start
  return extras.map((extraBits) => {
    const row: Row = [base, extraBits]
    base += 1 << extraBits
    return row
  })
}
