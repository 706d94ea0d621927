import type { Platform } from '@anthology/catalog'

import type { ProtocolName } from '../protocols/protocol.ts'
import { outcomes } from './usage-row.ts'

const platforms: Readonly<Record<Platform, true>> = {
  anthropic: true,
  bedrock: true,
  vertex: true,
  foundry: true,
}

/** Results of batches are rows too. */
const protocols: Readonly<Record<ProtocolName | 'batches', true>> = {
  messages: true,
  openai: true,
  bedrock: true,
  vertex: true,
  batches: true,
}

/** The values of the filters that have no others. Reasons to stop and types of errors come from upstreams. */
export const filterValues: Readonly<Record<'platform' | 'protocol' | 'outcome', readonly string[]>> = {
  platform: Object.keys(platforms),
  protocol: Object.keys(protocols),
  outcome: outcomes,
}
