import { models } from '@anthology/catalog'
import { indexBody } from '@anthology/wire'
import type { Patch } from '@anthology/wire'
import { expect, test } from 'vitest'

import { bedrockAdapter } from '../../src/upstreams/bedrock.ts'
import { createVertexAdapter } from '../../src/upstreams/vertex.ts'

const members = new Set(['anthropic_version', 'anthropic_beta'])
const vertexAdapter = createVertexAdapter({ project: 'p', location: 'us-east5' })

function describe(adapter: typeof bedrockAdapter, patches: readonly Patch[] = []): readonly string[] {
  const body = Buffer.from(
    '{"anthropic_version":"2023-06-01","anthropic_beta":["a-2026-01-01"],"messages":[]}',
  )
  const index = indexBody(body, members)
  const model = models.find(({ id }) => id === 'claude-opus-4-1-20250805')
  if (!index.ok || model === undefined) throw new Error('the body or the model is wrong')
  const { notices = [] } = adapter.createRequest({
    countsTokens: false,
    stream: false,
    path: '/v1/messages',
    headers: {},
    betas: [],
    body,
    index,
    patches,
    requestedModel: model.id,
    model,
    modelName: model.id,
  })
  return notices
}

test.each([
  ['Bedrock', bedrockAdapter, ['anthropic_version', 'anthropic_beta']],
  // Vertex AI has the betas in the header too, and decides about the member itself.
  ['Vertex AI', vertexAdapter, ['anthropic_version']],
] as const)('%s names the members of a body that its own take the place of', (_, adapter, replaced) => {
  expect(describe(adapter)).toEqual(
    replaced.map(
      (member) => `${member} in the body has no effect: the header is ${member.replace('_', '-')}`,
    ),
  )
})

test('nothing is said of members that the protocol of the client has', () => {
  const removed = ['anthropic_version', 'anthropic_beta'] as const

  const patches = removed.map((member) => ({ splice: member, kind: 'remove', member }) as const)

  expect(describe(bedrockAdapter, patches)).toEqual([])
})
