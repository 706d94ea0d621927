import { ApiError } from '../../errors.ts'
import type { ClientRequest } from '../../http/client-exchange.ts'

/**
 * Reads InvokeModel's options, which are headers ("InvokeModel", Amazon Bedrock API reference). Returns notices for
 * options without effect. Options that must not be ignored are rejected, as Converse rejects the same members: a
 * guardrail that does not guard would be worse than none.
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

/** Unknown names are truncated to this length in notices. */
const maxEchoLength = 100

/** Converse's text for a member that a model does not support. */
function unsupported(name: string): ApiError {
  return new ApiError(
    'bad_request',
    `This model doesn't support the ${name} field. Remove ${name} and try again.`,
  )
}
