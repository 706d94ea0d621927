import { getErrorType, readError } from '@anthology/wire'

import { combinePatches } from './adapter.ts'
import type { PlatformAdapter } from './adapter.ts'
import { nameModel } from './anthropic.ts'
import { selectBetas } from './beta-policy.ts'
import { createCloudReceiver } from './cloud-answer.ts'

/** Microsoft Foundry: the Messages API with deployments as models, and errors of Azure in front of it. */
export const foundryAdapter: PlatformAdapter = {
  createRequest: (call) => {
    const { betas, notices } = selectBetas(call.betas, 'foundry')
    const { 'anthropic-beta': _betas, ...headers } = call.headers
    return {
      path: call.path,
      headers: { ...headers, ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }) },
      patches: combinePatches(call.patches, nameModel(call)),
      notices,
    }
  },
  createReceiver: (inner) =>
    createCloudReceiver(inner, {
      convertHeaders: ({ 'apim-request-id': azureId, ...headers }) => ({
        ...headers,
        'request-id': headers['request-id'] ?? azureId ?? '',
      }),
      readError: ({ status, body }) => {
        const { message } = readError(status, body)
        return { wireStatus: status, wireType: getErrorType(status), message }
      },
    }),
}
