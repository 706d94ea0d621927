import { ask } from '../http-client.ts'
import type { Answer, Asking } from '../http-client.ts'
import { startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'

export const models = '/v1/projects/a-project/locations/us-east5/publishers/anthropic/models'
export const path = `${models}/claude-opus-4-1@20250805`
export const version = '"anthropic_version":"vertex-2023-10-16"'
export const body = `{${version},"max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}`
export const bearer = { authorization: `Bearer ${localKey}` }

/** Sends a call as a Vertex AI client does; `asking` overrides parts of it. */
export function post(gateway: RunningGateway, target: string, asking: Asking = {}): Promise<Answer> {
  return ask(gateway.url + target, { method: 'POST', headers: bearer, body, ...asking })
}

export async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits, validateRequests: false })
  return { upstream, gateway }
}
