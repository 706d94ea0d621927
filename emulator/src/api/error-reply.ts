import { getErrorType, toGoogleError } from '@anthology/wire'

import { errorReply } from '../http/reply.ts'
import type { ApiError, Reply, ReplyHead } from '../http/reply.ts'
import { mapBedrockError } from '../protocols/bedrock/errors.ts'
import { bedrockErrorReply } from '../protocols/bedrock/reply.ts'
import { rejectOpenAi } from '../protocols/openai/openai.ts'
import { googleErrorReply, vertexReply } from '../protocols/vertex/reply.ts'
import type { Route } from './route.ts'

/** Creates an error in the shape of the route's protocol. */
export function createErrorReply(route: Route, error: ApiError, head: ReplyHead): Reply {
  const protocol = route.kind === 'not_found' || route.kind === 'wrong_method' ? route.protocol : route.kind
  switch (protocol) {
    case 'messages':
      return errorReply(error, head)
    case 'openai':
      return rejectOpenAi(error, head)
    case 'bedrock': {
      const type = getErrorType(error.status)
      return bedrockErrorReply(mapBedrockError(error.status, { ...error, type }, null), head)
    }
    case 'vertex':
      return createVertexError(route, error, head)
  }
}

/** Google Cloud answers for access and quotas, the model for everything else, in the envelope of the Claude API. */
function createVertexError(route: Route, error: ApiError, head: ReplyHead): Reply {
  if (!platformStatuses.has(error.status)) return vertexReply(errorReply(error, head), null)
  const stream = route.kind === 'vertex' && route.path.method === 'streamRawPredict'
  return googleErrorReply(toGoogleError({ ...error, type: getErrorType(error.status) }), stream)
}

const platformStatuses: ReadonlySet<number> = new Set([401, 403, 404, 429])
