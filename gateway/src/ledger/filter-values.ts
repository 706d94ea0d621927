import type { Platform } from '@anthology/catalog'

import { protocolNames } from '../protocols/protocol.ts'
import { outcomes } from './usage-row.ts'

const platforms: Readonly<Record<Platform, true>> = {
  anthropic: true,
  bedrock: true,
  vertex: true,
  foundry: true,
}

/** The values of the filters that have no others. Reasons to stop and types of errors come from upstreams. */
export const filterValues: Readonly<Record<'platform' | 'protocol' | 'outcome', readonly string[]>> = {
  platform: Object.keys(platforms),
  // Results of batches are rows too.
  protocol: [...protocolNames, 'batches'],
  outcome: outcomes,
}
