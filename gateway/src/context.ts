import type { BodyReader } from './body.ts'
import type { KeyRing } from './key-ring.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import type { UpstreamAccount } from './plan.ts'

/** What every call works with; made once, by createGateway. */
export interface Context {
  readonly accounts: readonly UpstreamAccount[]
  readonly ring: KeyRing
  readonly ledger: Ledger
  readonly bodies: BodyReader
  readonly limits: Limits
  readonly preflight: boolean
  readonly log: Log
  readonly nowMs: () => number
  /** True from the signal to stop on. */
  readonly draining: () => boolean
}
