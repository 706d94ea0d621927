import { models, nameOn } from '@anthology/catalog'

import type { Asking } from '../../../gateway/test/http-client.ts'

/** The protocols whose bodies are those of the Messages API. */
export const nativeProtocols = ['messages', 'invoke', 'vertex'] as const
export type NativeProtocol = (typeof nativeProtocols)[number]

export interface NativeRequest {
  readonly model: string
  readonly stream: boolean
  readonly members: Readonly<Record<string, unknown>>
  readonly betas: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

const base = { max_tokens: 64_000, messages: [{ role: 'user', content: 'Hi' }] }

/** The request of a client of a protocol. */
export function createNativeRequest(
  protocol: NativeProtocol,
  { model, stream, members, betas, headers = {} }: NativeRequest,
): { readonly path: string; readonly asking: Asking } {
  const own = { ...base, ...members }
  const beta = betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }
  const finish = (path: string, body: object, more: Readonly<Record<string, string>>) => ({
    path,
    asking: { body: JSON.stringify(body), headers: { ...more, ...headers } },
  })
  switch (protocol) {
    case 'messages':
      return finish(
        '/v1/messages',
        { model, ...(stream && { stream }), ...own },
        { 'anthropic-version': '2023-06-01', ...beta },
      )
    case 'invoke':
      return finish(
        `/model/${encodeURIComponent(getName(model, 'bedrock'))}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
        {
          anthropic_version: 'bedrock-2023-05-31',
          ...(betas.length > 0 && { anthropic_beta: betas }),
          ...own,
        },
        {},
      )
    case 'vertex':
      return finish(
        `/v1/projects/p/locations/l/publishers/anthropic/models/${getName(model, 'vertex')}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
        { anthropic_version: 'vertex-2023-10-16', ...(stream && { stream }), ...own },
        beta,
      )
  }
}

export function getName(id: string, platform: 'bedrock' | 'vertex'): string {
  const model = models.find((each) => each.id === id)
  // A region's name is the inference profile, without which Bedrock does not serve some models.
  const place = platform === 'bedrock' ? { region: 'us-east-1' } : {}
  return (model === undefined ? null : nameOn(model, platform, place)) ?? id
}
