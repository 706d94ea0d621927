import type { CallRoute } from '../http/route.ts'
import { createBedrockProtocol } from './bedrock/bedrock.ts'
import { countTokensProtocol, messagesProtocol } from './messages.ts'
import { openaiProtocol } from './openai.ts'
import type { Protocol } from './protocol.ts'
import { createVertexProtocol } from './vertex.ts'

/** The protocol of a route that can cost money. */
export function getProtocol(route: CallRoute): Protocol {
  switch (route.operation) {
    case 'messages':
      return messagesProtocol
    case 'count_tokens':
      return countTokensProtocol
    case 'chat':
      return openaiProtocol
    case 'bedrock':
      return createBedrockProtocol(route.bedrock)
    case 'vertex':
      return createVertexProtocol(route.vertex)
  }
}
