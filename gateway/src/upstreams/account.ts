import type { Upstream } from '@anthology/wire'
import type { Platform } from '@anthology/catalog'

/** An account on a platform that we call. */
export interface UpstreamAccount {
  readonly name: string
  readonly platform: Platform
  readonly upstream: Upstream
  /** Its credentials, to be redacted from logs and responses. */
  readonly secrets: readonly string[]
  /** Set for an HTTP upstream; traces report its host. */
  readonly baseUrl?: string
  /** The number of times that all connections were in use. */
  connectionsFull?(): number
  close?(): Promise<void>
}
