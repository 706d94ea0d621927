import { computePrice, resolve } from '@anthology/catalog'
import type { Model, Price } from '@anthology/catalog'

import { getDay } from '../clock.ts'
import { emptyReading, parseUsage } from '../calls/meter.ts'
import type { SqlRow } from '../store/database.ts'
import { readNumber, readText } from '../store/database.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { applyOwnRates } from '../upstreams/own-price.ts'
import { getPriceRegion, nameAt } from '../upstreams/model-name.ts'

/**
 * Prices a stored call as the catalog and the configured upstreams are now. Null: its model or its upstream is not
 * known any more. A call's betas are not stored; a prompt beyond the standard window is priced as if it had them.
 */
export function createStoredPricer(accounts: readonly UpstreamAccount[]): (call: SqlRow) => Price | null {
  const byName = new Map(accounts.map((account) => [account.name, account]))
  return (call) => {
    const account = byName.get(readText(call, 'upstream'))
    const model = account === undefined ? null : findModel(account, readText(call, 'model'))
    const usage = parseUsage({ ...emptyReading, usage: readText(call, 'usage') })
    if (model === null || account === undefined || usage === null) return null
    const isBatch = readText(call, 'protocol') === 'batches'
    const price = computePrice(usage, model, {
      asOf: getDay(readNumber(call, 'started_at_ms')),
      batch: isBatch,
      platform: account.platform,
      region: findRegion(account, model),
    })
    if (account.rates === undefined || isBatch) return price
    return applyOwnRates(price, account.rates, `upstream/${account.name}`)
  }
}

function findModel({ foreign }: UpstreamAccount, id: string): Model | null {
  const found = resolve(id)
  return found.ok ? found.model : (foreign?.models.get(id) ?? null)
}

function findRegion(account: UpstreamAccount, model: Model): ReturnType<typeof getPriceRegion> {
  return getPriceRegion(account, nameAt(model, account) ?? model.id)
}
