/** CRC-32 with zlib's signature, such as that of `node:zlib`; `previous` is the checksum of the preceding bytes. */
export type Crc32 = (bytes: Uint8Array, previous?: number) => number

/** CRC-32 (IEEE 802.3), eight bytes per step. Portable; a native function can replace it. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  let at = 0
  for (const stepsEnd = bytes.length - 7; at < stepsEnd; at += 8) {
    crc = crc32Near(crc ^ word(bytes, at), word(bytes, at + 4))
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (table0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return ~crc >>> 0
}

/** The same for the bytes between two offsets, without a view of them; `previous` is the checksum of the preceding bytes. */
export function crc32Between(bytes: DataView, start: number, end: number, previous: number): number {
  let register = ~previous
  let at = start
  for (const stepsEnd = end - 7; at < stepsEnd; at += 8)
    register = crc32Near(register ^ bytes.getInt32(at, true), bytes.getInt32(at + 4, true))
  for (; at < end; at += 1)
    register = (register >>> 8) ^ (table0[(register ^ bytes.getUint8(at)) & 0xff] ?? 0)
  return ~register >>> 0
}

/** The checksum of the eight bytes at an offset, which needs no view of them. */
export function crc32OfEight(bytes: Uint8Array, at: number): number {
  return ~crc32Near(~word(bytes, at), word(bytes, at + 4)) >>> 0
}

/**
 * The register, which is the complement of the checksum, after eight bytes. In each half the first byte is
 * lowest, and the previous register must be XORed into the first half.
 */
export function crc32Near(low: number, high: number): number {
  return (
    (table7[low & 0xff] ?? 0) ^
    (table6[(low >>> 8) & 0xff] ?? 0) ^
    (table5[(low >>> 16) & 0xff] ?? 0) ^
    (table4[low >>> 24] ?? 0) ^
    (table3[high & 0xff] ?? 0) ^
    (table2[(high >>> 8) & 0xff] ?? 0) ^
    (table1[(high >>> 16) & 0xff] ?? 0) ^
    (table0[high >>> 24] ?? 0)
  )
}

/**
 * The same after eight further zero bytes. XORed with `crc32Near` of the next eight bytes, one step covers
 * sixteen.
 */
export function crc32Far(low: number, high: number): number {
  return (
    (table15[low & 0xff] ?? 0) ^
    (table14[(low >>> 8) & 0xff] ?? 0) ^
    (table13[(low >>> 16) & 0xff] ?? 0) ^
    (table12[low >>> 24] ?? 0) ^
    (table11[high & 0xff] ?? 0) ^
    (table10[(high >>> 8) & 0xff] ?? 0) ^
    (table9[(high >>> 16) & 0xff] ?? 0) ^
    (table8[high >>> 24] ?? 0)
  )
}

/** The register after four bytes. */
export function crc32Word(bytes: number): number {
  return (
    (table3[bytes & 0xff] ?? 0) ^
    (table2[(bytes >>> 8) & 0xff] ?? 0) ^
    (table1[(bytes >>> 16) & 0xff] ?? 0) ^
    (table0[bytes >>> 24] ?? 0)
  )
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}

const reversedPolynomial = 0xedb88320

const table0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1
  return crc
})
/** Table `k` holds the register for each byte followed by `k` zero bytes. */
const table1 = withOneMore(table0)
const table2 = withOneMore(table1)
const table3 = withOneMore(table2)
const table4 = withOneMore(table3)
const table5 = withOneMore(table4)
const table6 = withOneMore(table5)
const table7 = withOneMore(table6)
const table8 = withOneMore(table7)
const table9 = withOneMore(table8)
const table10 = withOneMore(table9)
const table11 = withOneMore(table10)
const table12 = withOneMore(table11)
const table13 = withOneMore(table12)
const table14 = withOneMore(table13)
const table15 = withOneMore(table14)

function withOneMore(table: Int32Array): Int32Array {
  return table.map((crc) => (crc >>> 8) ^ (table0[crc & 0xff] ?? 0))
}
