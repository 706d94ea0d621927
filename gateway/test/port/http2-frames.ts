/** The connection preface of a client (RFC 9113, 3.4). */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Frame types (RFC 9113, 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  continuation: 9,
} as const

export const flags = { acknowledged: 1, endStream: 1, endHeaders: 4 } as const

export interface FrameParts {
  readonly type: number
  readonly flags?: number
  readonly stream?: number
  readonly payload?: Uint8Array
}

export function frame({ type, flags: set = 0, stream = 0, payload = Buffer.alloc(0) }: FrameParts): Buffer {
  const start = Buffer.alloc(9)
  start.writeUIntBE(payload.byteLength, 0, 3)
  start[3] = type
  start[4] = set
  start.writeUInt32BE(stream, 5)
  return Buffer.concat([start, payload])
}

export const settings = frame({ type: frameTypes.settings })

export function reset(stream: number, code = 8): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(code)
  return frame({ type: frameTypes.reset, stream, payload })
}

/** Fields as HPACK's literals without indexing and without Huffman codes (RFC 7541, 6.2.2). */
export function fields(values: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(values).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  )
}

/** A string's length in a prefix of seven bits, and the string (RFC 7541, 5.1 and 5.2). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

/** The headers of an ordinary request. */
export function head(path: string, more: Readonly<Record<string, string>> = {}): Buffer {
  return fields({ ':method': 'POST', ':scheme': 'http', ':path': path, ':authority': 'localhost', ...more })
}

export interface ReceivedFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** Splits the received bytes into complete frames. */
export function readFrames(received: Buffer): readonly ReceivedFrame[] {
  const found: ReceivedFrame[] = []
  let rest = received
  while (rest.length >= 9) {
    const end = 9 + rest.readUIntBE(0, 3)
    if (rest.length < end) break
    found.push({
      type: rest.readUInt8(3),
      flags: rest.readUInt8(4),
      stream: rest.readUInt32BE(5),
      payload: rest.subarray(9, end),
    })
    rest = rest.subarray(end)
  }
  return found
}

/** The code of a GOAWAY or RST_STREAM frame. */
export function getCode({ type, payload }: ReceivedFrame): number {
  return payload.readUInt32BE(type === frameTypes.goaway ? 4 : 0)
}
