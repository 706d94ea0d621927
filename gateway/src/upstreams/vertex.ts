import { editsToRawPredict, newerVersion, parseGoogleError } from '@anthology/wire'

import { combinePatches, describeReplaced } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter } from './adapter.ts'
import { createCloudReceiver } from './cloud-answer.ts'
import type { CloudError } from './cloud-answer.ts'

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
      const { 'anthropic-version': version, ...headers } = call.headers
      const edits = editsToRawPredict(call.index, {
        version: version === newerVersion ? newerVersion : 'vertex-2023-10-16',
        ...(call.countsTokens && { countedModel: call.modelName }),
      })
      return {
        path: `${models}/${getMethod(call)}`,
        headers,
        patches: combinePatches(call.patches, edits),
        notices: describeReplaced(call, ['anthropic_version']),
      }
    },
    createReceiver: (inner) =>
      createCloudReceiver(inner, {
        convertHeaders: (headers) => ({ ...headers }),
        readError: ({ status, body }) => hideProject(parseGoogleError(status, body)),
      }),
  }
}

/** The texts of Google Cloud name the project, by its id or its number, and service accounts, whose names contain it. */
function hideProject(error: CloudError): CloudError {
  const message = error.message.replaceAll(serviceAccount, '[identity]').replaceAll(project, '[project]')
  return { ...error, message }
}

const serviceAccount = /[\w.-]+@[\w.-]+\.gserviceaccount\.com\b/gi

/** In a path, in a query or as `project_number:`, in quotes, as a number, and in the text about an API that is not enabled. */
const project =
  /(?:(?<=\bprojects\/|\bproject(?:_number|_id)?[=:] ?['"`]?|\bproject ['"`])[\w:.-]*\w|(?<=\bproject #?)\d+|(?<=\bin project )[\w:.-]+(?= before\b))/gi

function getMethod({ countsTokens, stream, modelName }: OutgoingCall): string {
  if (countsTokens) return 'count-tokens:rawPredict'
  return `${encodeURIComponent(modelName).replaceAll('%40', '@')}:${stream ? 'streamRawPredict' : 'rawPredict'}`
}

/** The host of a location ("Locations" of the Google Cloud documentation); `base_url` replaces it. */
export function getVertexUrl(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`
  return `https://${location}-aiplatform.googleapis.com`
}
