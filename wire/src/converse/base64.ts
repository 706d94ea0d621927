const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8 = new TextEncoder()

/** Decodes base64 as UTF-8; null if the bytes are not valid. A byte order mark is kept. */
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

/** A function call accepts a limited number of arguments. */
const partBytes = 8_192

/** True if the text is base64 in the form that Bedrock accepts: padded, standard alphabet. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
