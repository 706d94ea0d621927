import { formatNanoUsd, formatUsdPerMTok } from '@anthology/catalog'

import type { Charge, ChargeSums } from './focus-charge.ts'
import type { OwnerNames } from './owner-names.ts'

type Value = string | null

interface Row {
  readonly charge: Charge
  readonly sums: ChargeSums
  readonly names: OwnerNames
}

/** Who runs and invoices each platform, and its name there. */
const services: Readonly<Record<string, { readonly provider: string; readonly service: string }>> = {
  anthropic: { provider: 'Anthropic', service: 'Claude API' },
  bedrock: { provider: 'AWS', service: 'Amazon Bedrock' },
  vertex: { provider: 'Google Cloud', service: 'Vertex AI' },
  foundry: { provider: 'Microsoft', service: 'Microsoft Foundry' },
}

/** A correction has no quantity: it changes the cost of tokens that another row has. */
const ifUsage =
  (value: (row: Row) => Value) =>
  (row: Row): Value =>
    row.charge.isCorrection ? null : value(row)

const provider = ({ charge }: Row) => services[charge.platform]?.provider ?? charge.upstream
const cost = ({ sums }: Row) => formatNanoUsd(sums.costNanoUsd)
const isSearch = ({ charge }: Row) => charge.component === 'web_search'

/** Quantities are priced by the million, web searches by the thousand, as on the pricing page. */
const pricingQuantity = (row: Row) => formatUnits(row.sums.quantity, isSearch(row) ? 3 : 6)
const unitPrice = (row: Row) => {
  const { picoUsdPerUnit } = row.charge
  if (picoUsdPerUnit === null) return null
  return isSearch(row) ? formatNanoUsd(picoUsdPerUnit) : formatUsdPerMTok(picoUsdPerUnit)
}

/** The product of price and quantity, which FOCUS requires; the ledger's cost is rounded once for each call. */
const listCost = (row: Row) => {
  const { picoUsdPerUnit } = row.charge
  if (row.charge.isCorrection || picoUsdPerUnit === null) return cost(row)
  return formatUnits(picoUsdPerUnit * row.sums.quantity, 12)
}

const columns: Readonly<Record<string, (row: Row) => Value>> = {
  BilledCost: cost,
  BillingAccountId: ({ charge }) => charge.upstream,
  BillingAccountName: ({ charge }) => charge.upstream,
  BillingCurrency: () => 'USD',
  BillingPeriodStart: ({ charge }) => formatTime(findMonth(charge.startMs, 0)),
  BillingPeriodEnd: ({ charge }) => formatTime(findMonth(charge.startMs, 1)),
  ChargeCategory: () => 'Usage',
  ChargeClass: ({ charge }) => (charge.isCorrection ? 'Correction' : null),
  ChargeDescription: ({ charge }) =>
    `${charge.model} ${charge.component}${charge.isCorrection ? ', corrected price' : ''}`,
  ChargeFrequency: () => 'Usage-Based',
  ChargePeriodStart: ({ charge }) => formatTime(charge.startMs),
  ChargePeriodEnd: ({ charge }) => formatTime(charge.endMs),
  ConsumedQuantity: ifUsage(({ sums }) => String(sums.quantity)),
  ConsumedUnit: ifUsage((row) => (isSearch(row) ? 'Requests' : 'Tokens')),
  ContractedCost: listCost,
  ContractedUnitPrice: ifUsage(unitPrice),
  EffectiveCost: cost,
  InvoiceIssuerName: provider,
  ListCost: listCost,
  ListUnitPrice: ifUsage(unitPrice),
  PricingCategory: ifUsage(() => 'Standard'),
  PricingQuantity: ifUsage(pricingQuantity),
  PricingUnit: ifUsage((row) => (isSearch(row) ? '1000 Requests' : '1000000 Tokens')),
  ProviderName: provider,
  PublisherName: () => 'Anthropic',
  ResourceId: ({ charge }) => charge.keyId,
  ResourceName: ({ charge, names }) => names.key.get(charge.keyId) ?? null,
  ResourceType: () => 'Gateway key',
  ServiceCategory: () => 'AI and Machine Learning',
  ServiceName: ({ charge }) => services[charge.platform]?.service ?? charge.upstream,
  ServiceSubcategory: () => 'Generative AI',
  SkuId: ({ charge }) => charge.model,
  SkuMeter: ({ charge }) => charge.component,
  SkuPriceDetails: ({ charge }) => describePrice(charge),
  SkuPriceId: ({ charge }) => (charge.rateCard === '' ? null : `${charge.rateCard}/${charge.component}`),
  SubAccountId: ({ charge }) => charge.workspaceId,
  SubAccountName: ({ charge, names }) => names.workspace.get(charge.workspaceId) ?? charge.workspaceId,
  SubAccountType: () => 'Workspace',
  Tags: ({ charge }) => (charge.labels === '' ? null : charge.labels),
  x_MemberId: ({ charge }) => charge.memberId || null,
  x_RequestCount: ifUsage(({ sums }) => String(sums.requests)),
  x_UsageSource: ({ charge }) => charge.usageSource || null,
  x_Upstream: ({ charge }) => charge.upstream,
}

/** The columns of FOCUS 1.2 and our own (`x_`), in order. */
export const focusColumns: readonly string[] = Object.keys(columns)

export function describeCharge(charge: Charge, sums: ChargeSums, names: OwnerNames): readonly Value[] {
  return Object.values(columns).map((read) => read({ charge, sums, names }))
}

function describePrice({ model, component, tier, geo, speed }: Charge): string {
  const ttl = component === 'cache_write_5m' ? 'PT5M' : component === 'cache_write_1h' ? 'PT1H' : null
  const details = {
    x_Model: model,
    x_TokenClass: component,
    x_CacheTtl: ttl,
    x_Tier: tier,
    x_Geo: geo,
    x_Speed: speed,
  }
  return JSON.stringify(
    Object.fromEntries(Object.entries(details).filter(([, value]) => value !== null && value !== '')),
  )
}

/** A whole number of units of 10^-places as a decimal number without trailing zeros. */
function formatUnits(value: bigint, places: number): string {
  const size = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const decimals = size.slice(-places).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${size.slice(0, -places)}${decimals === '' ? '' : `.${decimals}`}`
}

function findMonth(timeMs: number, after: number): number {
  const date = new Date(timeMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + after, 1)
}

function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}
