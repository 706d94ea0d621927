import type { Limit } from '../../model.ts'

export const window200k: Limit = {
  tokens: 200_000,
  tooltip: '~150K words, ~680K unicode characters',
  beta: null,
}

/** A million tokens of the tokenizer that began with Opus 4.7. */
export const window1M: Limit = {
  tokens: 1_000_000,
  tooltip: '~555K words, ~2.5M unicode characters',
  beta: null,
}

/** A million tokens of the tokenizer before that; a beta until 2026-03-13, whose header is known from third parties. */
export const window1MOf46: Limit = {
  tokens: 1_000_000,
  tooltip: '~750K words, ~3.4M unicode characters',
  beta: null,
  earlier: [
    {
      until: '2026-03-13',
      tokens: 200_000,
      beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000, until: null },
    },
  ],
}

export const output32k: Limit = {
  tokens: 32_000,
  tooltip: '~24K words, 109K unicode characters, ~50 single spaced pages',
  beta: null,
}

export const output64k: Limit = {
  tokens: 64_000,
  tooltip: '~48K words, 218K unicode characters, ~100 single spaced pages',
  beta: null,
}

export const output128k: Limit = { tokens: 128_000, tooltip: null, beta: null }

export const output128kOr300kInBatches: Limit = {
  ...output128k,
  batch: { header: 'output-300k-2026-03-24', tokens: 300_000, until: null },
}
