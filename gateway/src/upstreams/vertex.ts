import { editsToRawPredict, newerVersion, parseGoogleError } from '@anthology/wire'

import { combinePatches } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter } from './adapter.ts'
import { selectBetas } from './beta-policy.ts'
import { createCloudReceiver } from './cloud-answer.ts'

/** A project and a location of Google Cloud: a region, `us`, `eu` or `global`. */
export interface VertexPlace {
  readonly project: string
  readonly location: string
}

/** `rawPredict` and its stream ("Use Claude models" of the Google Cloud documentation): the Messages API's own answers. */
export function createVertexAdapter({ project, location }: VertexPlace): PlatformAdapter {
  const models = `/v1/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}/publishers/anthropic/models`
  return {
    createRequest: (call) => {
      const { betas, notices } = selectBetas(call.betas, 'vertex')
      const { 'anthropic-beta': _betas, 'anthropic-version': version, ...headers } = call.headers
      const edits = editsToRawPredict(call.index, {
        version: version === newerVersion ? newerVersion : 'vertex-2023-10-16',
        ...(call.countsTokens && { countedModel: call.modelName }),
      })
      return {
        path: `${models}/${getMethod(call)}`,
        headers: { ...headers, ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }) },
        patches: combinePatches(call.patches, edits),
        notices,
      }
    },
    createReceiver: (inner) =>
      createCloudReceiver(inner, {
        convertHeaders: (headers) => ({ ...headers }),
        readError: ({ status, body }) => parseGoogleError(status, body),
      }),
  }
}

function getMethod({ countsTokens, stream, modelName }: OutgoingCall): string {
  if (countsTokens) return 'count-tokens:rawPredict'
  return `${encodeURIComponent(modelName).replaceAll('%40', '@')}:${stream ? 'streamRawPredict' : 'rawPredict'}`
}
