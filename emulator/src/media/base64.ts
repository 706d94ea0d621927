/**
 * Decodes base64, or only its first `limitBytes`; null if it is invalid. Most files have their media type and size in
 * the first kilobytes, so the rest need not be decoded.
 */
export function decodeBase64(text: string, limitBytes = Infinity): Uint8Array | null {
  const groups = Math.ceil(limitBytes / 3)
  const latin1 = decodeLatin1(groups * 4 < text.length ? text.slice(0, groups * 4) : text)
  return latin1 === null ? null : toBytes(latin1)
}

/** Decodes base64 to a string with one character per byte, which is fast to search. */
export function decodeLatin1(text: string): string | null {
  try {
    return atob(text)
  } catch {
    return null
  }
}

export function toBytes(latin1: string): Uint8Array {
  const bytes = new Uint8Array(latin1.length)
  for (let index = 0; index < latin1.length; index += 1) bytes[index] = latin1.charCodeAt(index)
  return bytes
}

/** Works in parts, because the number of call arguments is limited. */
export function decodeLatin1Text(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += partBytes)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + partBytes)))
  return parts.join('')
}

const partBytes = 8_192
