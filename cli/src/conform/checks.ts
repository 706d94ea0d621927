import { bedrockChecks } from './bedrock-checks.ts'
import type { Check, ConformProtocol } from './check.ts'
import { bedrockDialect, messagesDialect, vertexDialect } from './dialect.ts'
import { messagesChecks } from './messages-checks.ts'
import { createSharedChecks } from './shared-checks.ts'
import { vertexChecks } from './vertex-checks.ts'

/** All requirements, by protocol, in the order in which they are examined. */
export const checks: Readonly<Record<ConformProtocol, readonly Check[]>> = {
  messages: [...createSharedChecks(messagesDialect), ...messagesChecks],
  bedrock: [...createSharedChecks(bedrockDialect), ...bedrockChecks],
  vertex: [...createSharedChecks(vertexDialect), ...vertexChecks],
}

export const conformProtocols = ['messages', 'bedrock', 'vertex'] as const
