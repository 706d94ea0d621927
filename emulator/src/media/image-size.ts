import { decodeBase64 } from './base64.ts'

/** The media type and the dimensions in an image's first bytes. */
export interface ImageSize {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly width: number
  readonly height: number
}

/**
 * Reads the type and size of an image in one of the API's four formats (docs.claude.com, build-with-claude/vision); null
 * if the format is another or the bytes end before the size.
 */
export function readImageSize(bytes: Uint8Array): ImageSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = readers.find(({ begins }) => begins.some(([at, text]) => hasText(bytes, at, text)))
  const size = read?.size(view) ?? null
  return read && size && size.width > 0 && size.height > 0 ? { mediaType: read.mediaType, ...size } : null
}

/** Decodes only the start, and everything if that was not enough: a JPEG may start with a long profile. */
export function readBase64ImageSize(data: string): ImageSize | null {
  const head = decodeBase64(data, headBytes)
  const size = head && readImageSize(head)
  if (size || data.length <= (headBytes / 3) * 4) return size
  const whole = decodeBase64(data)
  return whole && readImageSize(whole)
}

const headBytes = 3 * 8_192

type Size = Pick<ImageSize, 'width' | 'height'>

interface Reader {
  readonly mediaType: ImageSize['mediaType']
  /** The signatures of the format and their offsets. */
  readonly begins: readonly (readonly [at: number, text: string])[]
  readonly size: (view: DataView) => Size | null
}

const readers: readonly Reader[] = [
  { mediaType: 'image/png', begins: [[0, '\x89PNG\r\n\x1a\n']], size: pngSize },
  { mediaType: 'image/jpeg', begins: [[0, '\xff\xd8\xff']], size: jpegSize },
  {
    mediaType: 'image/gif',
    begins: [
      [0, 'GIF87a'],
      [0, 'GIF89a'],
    ],
    size: gifSize,
  },
  { mediaType: 'image/webp', begins: [[8, 'WEBPVP8']], size: webpSize },
]

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  return true
}

/** The first chunk is IHDR, which starts with the size (PNG specification, 11.2.1). */
function pngSize(view: DataView): Size | null {
  if (view.byteLength < 24) return null
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

/** The logical screen (GIF89a specification, 18). */
function gifSize(view: DataView): Size | null {
  if (view.byteLength < 10) return null
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** Skips segments until a start of frame (ITU-T T.81, annex B). */
function jpegSize(view: DataView): Size | null {
  let at = 2
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    // Any number of 0xff fill bytes may precede a marker.
    if (marker === 0xff) at += 1
    else if (isStartOfFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2
    else at += 2 + Math.max(2, view.getUint16(at + 2))
  }
  return null
}

/** 0xc4, 0xc8 and 0xcc are tables, not frames. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** Lossy, lossless or extended (RFC 9649, 2.5 to 2.7). */
function webpSize(view: DataView): Size | null {
  if (view.byteLength < 30) return null
  const kind = String.fromCharCode(view.getUint8(15))
  if (kind === ' ')
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (kind === 'L') {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (kind === 'X') return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 }
  return null
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16)
}
