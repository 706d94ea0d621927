import type { Component } from './call-row.ts'

/** A charge: calls of one hour or day with the same dimensions, of one component at one price. */
export interface Charge {
  readonly startMs: number
  readonly endMs: number
  readonly model: string
  readonly component: Component
  readonly upstream: string
  readonly platform: string
  readonly keyId: string
  readonly workspaceId: string
  readonly memberId: string
  readonly labels: string
  readonly usageSource: string
  readonly rateCard: string
  /** The list price of one unit; null: several prices were added, or the charge is a correction. */
  readonly picoUsdPerUnit: bigint | null
  readonly tier: string
  readonly geo: string
  readonly speed: string
  readonly isCorrection: boolean
}

export interface ChargeSums {
  quantity: bigint
  costNanoUsd: bigint
  requests: bigint
}
