const bytes = 12

/**
 * A random id. `crypto.randomUUID` exists only on pages of https and of this machine, and a gateway in a private network
 * is often opened over plain http.
 */
export function createId(): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

export function isCreatedId(text: string): boolean {
  return text.length === 2 * bytes && /^[0-9a-f]+$/.test(text)
}
