import { ApiError } from '../../errors.ts'
import type { ClientRequest } from '../../http/client-exchange.ts'

/**
 * Reads how the caller of InvokeModel wants to be served, which headers say there ("InvokeModel", Amazon Bedrock API
 * reference). Gives what has no effect, for the notice. What must not be left out in silence is refused, as Converse
 * refuses its members: a guardrail that does not guard would be worse than none.
 */
export function readInvokeOptions({ headers }: Pick<ClientRequest, 'headers'>): string[] {
  if (headers['x-amzn-bedrock-guardrailidentifier'] !== undefined) throw unsupported('guardrailIdentifier')
  if ((headers['x-amzn-bedrock-performanceconfig-latency'] ?? 'standard') !== 'standard')
    throw unsupported('performanceConfigLatency')
  const notices: string[] = []
  const tier = headers['x-amzn-bedrock-service-tier'] ?? 'default'
  if (tier !== 'default')
    notices.push(
      `serviceTier ${String(tier).slice(0, maxEchoLength)} has no counterpart; the default tier serves`,
    )
  if (headers['x-amzn-bedrock-request-metadata'] !== undefined) notices.push('requestMetadata is not kept')
  return notices
}

/** Names that a client made up are echoed no longer than this. */
const maxEchoLength = 100

/** The text is the one that Converse has for a member that a model does not take. */
function unsupported(name: string): ApiError {
  return new ApiError(
    'bad_request',
    `This model doesn't support the ${name} field. Remove ${name} and try again.`,
  )
}
