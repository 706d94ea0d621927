import type { Upstream } from '@anthology/wire'
import type { Platform } from '@anthology/catalog'

/** An account on a platform that we call. */
export interface UpstreamAccount {
  readonly name: string
  readonly platform: Platform
  readonly upstream: Upstream
  /** Its credentials, so that they can be kept out of logs and answers. */
  readonly secrets: readonly string[]
  /** Of an upstream that is reached over HTTP; traces name its host. */
  readonly baseUrl?: string
  /** How often all connections were taken. */
  connectionsFull?(): number
  close?(): Promise<void>
}
