import type { UpstreamPlatform } from '../platform-answers.ts'

/** How an upstream writes its answers, and its errors. */
interface Form {
  readonly format: UpstreamPlatform
  readonly errors: UpstreamPlatform
}

/** The upstreams of the matrix: each platform, and Bedrock with each of its endpoints. */
export const faultUpstreams = {
  anthropic: { format: 'anthropic', errors: 'anthropic' },
  bedrock: { format: 'bedrock', errors: 'bedrock' },
  /** The Messages endpoint of bedrock-runtime, whose front answers with AWS's exceptions. */
  'bedrock-messages': { format: 'anthropic', errors: 'bedrock' },
  /** The Messages endpoint of bedrock-mantle, with errors of the Claude API. */
  'bedrock-mantle': { format: 'anthropic', errors: 'anthropic' },
  vertex: { format: 'vertex', errors: 'vertex' },
  foundry: { format: 'foundry', errors: 'foundry' },
} as const satisfies Record<string, Form>

export type FaultUpstream = keyof typeof faultUpstreams

export const faultUpstreamNames = Object.keys(faultUpstreams) as FaultUpstream[] // The keys of the literal are exactly its type's.
