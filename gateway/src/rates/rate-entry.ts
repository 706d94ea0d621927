/** Limits per minute; `unlimited` overrides the limit of a less specific entry. */
export interface RateEntry {
  readonly requests_per_minute?: number | 'unlimited'
  readonly input_tokens_per_minute?: number | 'unlimited'
  readonly output_tokens_per_minute?: number | 'unlimited'
}

export interface KeyRateEntry extends RateEntry {
  readonly models?: Readonly<Record<string, RateEntry>>
}
