/** The first bytes of images in each format, without image data. */
export function png(width: number, height: number): Uint8Array {
  return join('\x89PNG\r\n\x1a\n', big32(13), 'IHDR', big32(width), big32(height), '\x08\x06\0\0\0')
}

export function gif(width: number, height: number): Uint8Array {
  return join('GIF89a', little16(width), little16(height), '\xf7\0\0')
}

/** `profileBytes` of application data precede the frame, as cameras write them. */
export function jpeg(width: number, height: number, profileBytes = 14): Uint8Array {
  const profile = join('\xff\xe0', big16(profileBytes + 2), '\0'.repeat(profileBytes))
  const table = join('\xff\xc4', big16(3), '\0')
  return join(
    '\xff\xd8',
    profile,
    table,
    '\xff\xff\xc2',
    big16(11),
    '\x08',
    big16(height),
    big16(width),
    '\x01\0\0',
  )
}

export function webpLossy(width: number, height: number): Uint8Array {
  return webp('VP8 ', join('\0\0\0', '\x9d\x01\x2a', little16(width), little16(height)))
}

export function webpLossless(width: number, height: number): Uint8Array {
  const bits = (width - 1) | ((height - 1) << 14)
  return webp('VP8L', join('\x2f', little16(bits & 0xffff), little16(bits >>> 16), '\0\0\0\0\0'))
}

export function webpExtended(width: number, height: number): Uint8Array {
  return webp('VP8X', join('\0\0\0\0', little24(width - 1), little24(height - 1)))
}

export function getBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function webp(kind: string, content: Uint8Array): Uint8Array {
  return join('RIFF', '\0\0\0\0', 'WEBP', kind, '\0\0\0\0', content)
}

function join(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
}

function big32(value: number): string {
  return big16(value >>> 16) + big16(value & 0xffff)
}

function big16(value: number): string {
  return String.fromCharCode(value >>> 8, value & 0xff)
}

function little16(value: number): string {
  return String.fromCharCode(value & 0xff, value >>> 8)
}

function little24(value: number): string {
  return little16(value & 0xffff) + String.fromCharCode(value >>> 16)
}
