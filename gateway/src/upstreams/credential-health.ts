/** The upstreams that reject the credential of their account. */
export interface CredentialHealth {
  reject(upstream: string, message: string): void
  accept(upstream: string): void
  /** The last rejection of an upstream; null if it has accepted a call since, or if the rejection is old. */
  findRejection(upstream: string): string | null
}

export function createCredentialHealth(nowMs: () => number): CredentialHealth {
  const rejections = new Map<string, { readonly message: string; readonly atMs: number }>()
  return {
    reject: (upstream, message) => void rejections.set(upstream, { message, atMs: nowMs() }),
    accept(upstream) {
      if (rejections.size > 0) rejections.delete(upstream)
    },
    findRejection(upstream) {
      const found = rejections.get(upstream)
      return found === undefined || nowMs() - found.atMs > maxAgeMs ? null : found.message
    },
  }
}

/** Without calls nothing would clear a rejection, and a gateway that is not ready gets no calls. */
const maxAgeMs = 60_000
