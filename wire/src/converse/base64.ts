const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8 = new TextEncoder()

/** The text whose UTF-8 bytes these are, or null where they are none; a byte order mark stays in it. */
export function decodeText64(base64: string): string | null {
  try {
    const latin1 = atob(base64)
    const bytes = new Uint8Array(latin1.length)
    for (let index = 0; index < latin1.length; index += 1) bytes[index] = latin1.charCodeAt(index)
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

export function encodeText64(text: string): string {
  const bytes = utf8.encode(text)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += partBytes)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + partBytes)))
  return btoa(parts.join(''))
}

/** A call takes only so many arguments. */
const partBytes = 8_192

/** Whether the text is base64 as the service reads bytes: padded, of the common alphabet. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
