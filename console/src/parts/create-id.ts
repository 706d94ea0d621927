/**
 * A random id. `crypto.randomUUID` exists only on pages of https and of this machine, and a gateway in a private network
 * is often opened over plain http.
 */
export function createId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
