import type { Component } from '../ledger/call-row.ts'

/** One row of a provider's report or bill. */
export type ProviderRow = UsageRow | OtherRow

interface RowBase {
  /** The UTC day, `2026-11-22`. */
  readonly day: string
  /** The number of the row in its file, from 1, for messages. */
  readonly line: number
}

/** Tokens (or web searches) of a model, their cost, or both. */
export interface UsageRow extends RowBase {
  readonly kind: 'usage'
  /** The id of the catalog. */
  readonly model: string
  readonly component: Component
  /** Null: the row has money only. */
  readonly quantity: bigint | null
  /** In pico-dollars; null: the row has tokens only. */
  readonly costPicoUsd: bigint | null
}

/**
 * `bundle`: the cost of all models in one line (Claude consumption units). `no_usage`: taxes, credits, rounding and
 * other money that no call causes. `unparsed`: a row that looks like Claude and cannot be read.
 */
export interface OtherRow extends RowBase {
  readonly kind: 'bundle' | 'no_usage' | 'unparsed'
  readonly costPicoUsd: bigint
  /** The meaning of the row, in the provider's words. */
  readonly text: string
}

/** A line of a file: the columns of CSV, or the members of a JSON object. */
export type SourceLine = Readonly<Record<string, unknown>>

export interface BillFormat {
  readonly name: string
  /** Whether a file has this format, by its first line. */
  readonly matches: (first: SourceLine) => boolean
  /** Reads one line; rows about other services are left out. */
  readonly readRows: (line: SourceLine, number: number) => readonly ProviderRow[]
  /** The time until which the provider calls its figures complete, if the line has one. */
  readonly readWatermark?: (line: SourceLine) => string | null
}
