import { newerVersion } from './api-version.ts'
import type { ApiVersion } from './api-version.ts'
import { findCacheProblem } from './cache-rules.ts'
import { findConversationProblem } from './conversation-rules.ts'
import { findOptionProblem } from './option-rules.ts'
import type { MessagesRequest } from './request.ts'
import { findServerPairingProblem } from './server-tool-pairing.ts'
import type { Problem } from './shape.ts'
import { findPairingProblem } from './tool-pairing.ts'
import { findToolProblem } from './tool-rules.ts'
import { findVersionProblem } from './version-rules.ts'

/** Rules across several members of a well-shaped body, approximately in the API's order. */
export function findTurnProblem(
  request: MessagesRequest,
  { apiVersion, asOf }: { readonly apiVersion: ApiVersion; readonly asOf?: string | undefined },
): Problem | null {
  return (
    findCacheProblem(request) ??
    findConversationProblem(request) ??
    (apiVersion === newerVersion ? findVersionProblem(request.messages) : null) ??
    findPairingProblem(request.messages) ??
    findServerPairingProblem(request.messages) ??
    findToolProblem(request, asOf) ??
    findOptionProblem(request)
  )
}
