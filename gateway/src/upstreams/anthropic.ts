import type { Patch } from '@anthology/wire'

import { combinePatches } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter } from './adapter.ts'

/** The Claude API, and any API that is compatible with it: only the model's name changes. */
export const anthropicAdapter: PlatformAdapter = {
  createRequest: (call) => ({
    path: call.path,
    headers: call.headers,
    patches: combinePatches(call.patches, nameModel(call)),
  }),
  createReceiver: (inner) => inner,
}

/** The patch that gives the body the upstream's name of the model; none if the client used it. */
export function nameModel({ index, requestedModel, modelName }: OutgoingCall): readonly Patch[] {
  const edit = { splice: 'model', member: 'model', value: modelName } as const
  // The cloud protocols read the model from the path.
  if (index.get('model') === undefined) return [{ ...edit, kind: 'add' }]
  return requestedModel === modelName ? [] : [{ ...edit, kind: 'replace' }]
}
