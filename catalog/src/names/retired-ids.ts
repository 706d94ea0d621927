import type { SourceKey } from '../sources.ts'

/** A name from before the catalog's models: retired, and without further facts. */
export interface RetiredId {
  readonly id: string
  readonly displayName: string
  /** From the Models API, if it still listed the model. */
  readonly createdAt: string | null
  readonly deprecated: string
  readonly retired: string
  /** From the newest page that named one. */
  readonly replacement: string
  /** From the page of November 2025. */
  readonly earlierReplacement: string
  readonly source: SourceKey
}

/** Retired before August 2025; the docs changed their replacements over time. */
export const retiredIds: readonly RetiredId[] = [
  {
    ...retiredInJuly2025('claude-3-sonnet-20240229', 'Claude Sonnet 3', '2024-02-29T00:00:00Z'),
    replacement: 'claude-sonnet-5-5',
  },
  retiredInJuly2025('claude-2.1', 'Claude 2.1', '2023-11-21T00:00:00Z'),
  retiredInJuly2025('claude-2.0', 'Claude 2.0', '2023-07-11T00:00:00Z'),
  retiredIn2024('claude-1.0'),
  retiredIn2024('claude-1.1'),
  retiredIn2024('claude-1.2'),
  retiredIn2024('claude-1.3'),
  retiredIn2024('claude-instant-1.0'),
  retiredIn2024('claude-instant-1.1'),
  retiredIn2024('claude-instant-1.2'),
]

/**
 * Other names of these ids: Bedrock's ("Supported foundation models in Amazon Bedrock", 2024), Google Cloud's, and
 * aliases of the Claude API (models overview of 2024). That `claude-2`, `claude-1` and `claude-instant-1` meant the
 * newest of their line is uncertain.
 */
export const retiredNames: ReadonlyMap<string, string> = new Map([
  ['claude-3-sonnet-20240229-v1:0', 'claude-3-sonnet-20240229'],
  ['claude-3-sonnet@20240229', 'claude-3-sonnet-20240229'],
  ['claude-3-sonnet', 'claude-3-sonnet-20240229'],
  ['claude-sonnet-3', 'claude-3-sonnet-20240229'],
  ['sonnet-3', 'claude-3-sonnet-20240229'],
  ['claude-v2:1', 'claude-2.1'],
  ['claude-2', 'claude-2.1'],
  ['claude-v2', 'claude-2.0'],
  ['claude-v2:0', 'claude-2.0'],
  ['claude-v1', 'claude-1.3'],
  ['claude-v1:3', 'claude-1.3'],
  ['claude-1', 'claude-1.3'],
  ['claude-v1.0', 'claude-1.0'],
  ['claude-v1.2', 'claude-1.2'],
  ['claude-v1.3', 'claude-1.3'],
  ['claude-instant-v1', 'claude-instant-1.2'],
  ['claude-instant-v1:2', 'claude-instant-1.2'],
  ['claude-instant-1', 'claude-instant-1.2'],
  ['claude-instant', 'claude-instant-1.2'],
  ['claude-instant-v1.0', 'claude-instant-1.0'],
  ['claude-instant-v1.1', 'claude-instant-1.1'],
  ['claude-instant-v1.2', 'claude-instant-1.2'],
])

function retiredInJuly2025(id: string, displayName: string, createdAt: string): RetiredId {
  return {
    id,
    displayName,
    createdAt,
    deprecated: '2025-01-21',
    retired: '2025-07-21',
    // From the page of August 2026; that of October names none.
    replacement: 'claude-opus-4-8',
    earlierReplacement: 'claude-sonnet-4-5-20250929',
    source: 'deprecations-2025-11',
  }
}

function retiredIn2024(id: string): RetiredId {
  return {
    id,
    displayName: id,
    createdAt: null,
    deprecated: '2024-09-04',
    retired: '2024-11-06',
    replacement: 'claude-haiku-4-5-20251001',
    earlierReplacement: 'claude-3-5-haiku-20241022',
    source: 'deprecations-2025-11',
  }
}
