import { combinePatches } from './adapter.ts'
import type { PlatformAdapter } from './adapter.ts'
import { nameModel } from './anthropic.ts'
import { createCloudReceiver, readAnyError } from './cloud-answer.ts'

/** Microsoft Foundry: the Messages API with deployments as models, and errors of Azure in front of it. */
export const foundryAdapter: PlatformAdapter = {
  createRequest: (call) => ({
    path: call.path,
    headers: call.headers,
    patches: combinePatches(call.patches, nameModel(call)),
  }),
  createReceiver: (inner) =>
    createCloudReceiver(inner, {
      convertHeaders: ({ 'apim-request-id': azureId, 'request-id': requestId = azureId, ...headers }) => ({
        ...headers,
        ...(requestId !== undefined && { 'request-id': requestId }),
      }),
      readError: readAnyError,
    }),
}
