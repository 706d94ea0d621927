import type { Model } from '@anthology/catalog'
import type { UpstreamAccount } from '../upstreams/account.ts'

/** One planned attempt: an upstream, and the model's name there. */
export interface PlannedAttempt {
  readonly account: UpstreamAccount
  readonly modelName: string
}

export type Plan =
  | { readonly ok: true; readonly attempts: readonly PlannedAttempt[] }
  | { readonly ok: false; readonly because: string }

/** Lists the upstreams that can serve a call, best first. */
export function planAttempts(model: Model, accounts: readonly UpstreamAccount[]): Plan {
  const attempts: PlannedAttempt[] = []
  for (const account of accounts) {
    const modelName = model.platforms[account.platform]
    if (modelName !== null) attempts.push({ account, modelName })
  }
  if (attempts.length > 0) return { ok: true, attempts }
  return { ok: false, because: `no configured upstream offers ${model.id}` }
}
