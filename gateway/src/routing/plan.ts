import type { Model, Platform } from '@anthology/catalog'
import type { Upstream } from '@anthology/wire'

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

/** One try: which upstream, and what the model is called there. */
export interface PlannedAttempt {
  readonly account: UpstreamAccount
  readonly modelName: string
}

export type Plan =
  | { readonly ok: true; readonly attempts: readonly PlannedAttempt[] }
  | { readonly ok: false; readonly because: string }

/** Decides where a call may be answered, best first. */
export function planAttempts(model: Model, accounts: readonly UpstreamAccount[]): Plan {
  const attempts: PlannedAttempt[] = []
  for (const account of accounts) {
    const modelName = model.platforms[account.platform]
    if (modelName !== null) attempts.push({ account, modelName })
  }
  if (attempts.length > 0) return { ok: true, attempts }
  return { ok: false, because: `no configured upstream offers ${model.id}` }
}
