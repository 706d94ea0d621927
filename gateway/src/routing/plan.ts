import { nameOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { UpstreamAccount } from '../upstreams/account.ts'

/** One possible attempt: an upstream, and the model's name on it. */
export interface PlannedAttempt {
  readonly account: UpstreamAccount
  readonly modelName: string
}

export type Plan =
  | { readonly ok: true; readonly attempts: readonly PlannedAttempt[] }
  | { readonly ok: false; readonly because: string }

/** Lists the upstreams that offer the model, best first. */
export function planAttempts(model: Model, accounts: readonly UpstreamAccount[]): Plan {
  const attempts: PlannedAttempt[] = []
  for (const account of accounts) {
    const modelName = account.models?.get(model.id) ?? nameOn(model, account.platform, { region: account.region })
    if (modelName !== null) attempts.push({ account, modelName })
  }
  if (attempts.length > 0) return { ok: true, attempts }
  return { ok: false, because: `no configured upstream offers ${model.id}` }
}
