/** CRC-32 as zlib has it; `previous` is the checksum of the bytes that stand before. `node:zlib`'s own is one. */
export type Crc32 = (bytes: Uint8Array, previous?: number) => number

/** CRC-32 (IEEE 802.3), eight bytes a step, for where no native one is at hand. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  return crc32Between(bytes, 0, bytes.length, previous)
}

/** Of a part, in its place: a view of some hundred bytes costs as much as their checksum. */
export function crc32Between(bytes: Uint8Array, start: number, end: number, previous: number): number {
  let crc = ~previous
  let at = start
  for (const stepsEnd = end - 7; at < stepsEnd; at += 8) {
    crc ^= word(bytes, at)
    const high = word(bytes, at + 4)
    crc =
      entry(7, crc & 0xff) ^
      entry(6, (crc >>> 8) & 0xff) ^
      entry(5, (crc >>> 16) & 0xff) ^
      entry(4, crc >>> 24) ^
      entry(3, high & 0xff) ^
      entry(2, (high >>> 8) & 0xff) ^
      entry(1, (high >>> 16) & 0xff) ^
      entry(0, high >>> 24)
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ entry(0, (crc ^ (bytes[at] ?? 0)) & 0xff)
  return ~crc >>> 0
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}

function entry(table: number, byte: number): number {
  return tables[(table << 8) | byte] ?? 0
}

const reversedPolynomial = 0xedb88320

/** Table `k` says what a byte becomes once `k` further bytes have passed through the register. */
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1
    made[byte] = crc
  }
  for (let i = 256; i < made.length; i += 1) {
    const before = made[i - 256] ?? 0
    made[i] = (before >>> 8) ^ (made[before & 0xff] ?? 0)
  }
  return made
}
