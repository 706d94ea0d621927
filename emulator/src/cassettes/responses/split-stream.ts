import { createFrameDecoder, eventStreamType, frameLimits } from '@anthology/wire'

/** Parts of a body, which together are the body. */
export type SplitStream = (bytes: Uint8Array) => readonly Uint8Array[]

/** Chooses how to split a body into events by its media type; null: the body is no stream. */
export function chooseSplit(contentType: string | undefined): SplitStream | null {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === 'text/event-stream') return splitSse
  return type === eventStreamType ? splitAws : null
}

/** Each part ends with the blank line of its frame; the last one may be cut. */
function splitSse(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  let start = 0
  let lineStart = 0
  for (let feed = bytes.indexOf(lineFeed); feed >= 0; feed = bytes.indexOf(lineFeed, lineStart)) {
    const isBlank = feed === lineStart || (feed === lineStart + 1 && bytes[lineStart] === carriageReturn)
    lineStart = feed + 1
    if (!isBlank) continue
    parts.push(bytes.subarray(start, lineStart))
    start = lineStart
  }
  if (start < bytes.length) parts.push(bytes.subarray(start))
  return parts
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** From the first invalid message on, the rest is one part. */
function splitAws(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + minFrameBytes <= bytes.length) {
    const length = view.getUint32(at)
    if (length < minFrameBytes || length > frameLimits.maxMessageBytes || at + length > bytes.length) break
    if (!isFrame(bytes.subarray(at, at + length))) break
    parts.push(bytes.subarray(at, at + length))
    at += length
  }
  if (at < bytes.length) parts.push(bytes.subarray(at))
  return parts
}

const minFrameBytes = 16

function isFrame(bytes: Uint8Array): boolean {
  try {
    return createFrameDecoder().push(bytes).length === 1
  } catch {
    return false
  }
}
