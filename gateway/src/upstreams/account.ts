import type { Upstream } from '@anthology/wire'
import type { Platform } from '@anthology/catalog'

/** An account on an upstream platform. */
export interface UpstreamAccount {
  readonly name: string
  readonly platform: Platform
  readonly upstream: Upstream
  /** Its credentials, for redaction in logs and responses. */
  readonly secrets: readonly string[]
  /** Set for HTTP upstreams; traces include its host. */
  readonly baseUrl?: string
  /** The number of times that all connections were in use. */
  connectionsFull?(): number
  close?(): Promise<void>
}
