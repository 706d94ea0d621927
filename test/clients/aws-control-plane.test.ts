import {
  BedrockClient,
  GetInferenceProfileCommand,
  ListFoundationModelsCommand,
  ListInferenceProfilesCommand,
} from '@aws-sdk/client-bedrock'
import { expect, onTestFinished, test } from 'vitest'

import { startTarget } from './rig.ts'
import { toFailure } from './sdks.ts'

// AWS's client for Bedrock's control plane, unmodified, through the gateway.

test('reads the control plane at the same address', async () => {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  const { accessKeyId = '', secretAccessKey = '' } = target.aws ?? {}
  const credentials = { accessKeyId, secretAccessKey }
  const client = new BedrockClient({ endpoint: target.baseUrl, region: 'us-east-1', credentials })

  const { inferenceProfileSummaries = [] } = await client.send(
    new ListInferenceProfilesCommand({ typeEquals: 'SYSTEM_DEFINED', maxResults: 1_000 }),
  )
  const profile = await client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: arn }))
  const { modelSummaries } = await client.send(new ListFoundationModelsCommand({ byProvider: 'anthropic' }))
  const missing = await toFailure(
    client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: 'us.anthropic.claude-9' })),
  )

  expect(inferenceProfileSummaries.map(({ inferenceProfileId }) => inferenceProfileId)).toContain(modelId)
  expect(profile).toMatchObject({ inferenceProfileId: modelId, status: 'ACTIVE' })
  expect(profile.createdAt).toBeInstanceOf(Date)
  expect(modelSummaries?.map((model) => model.modelId)).toContain(modelId.slice('us.'.length))
  expect(missing).toMatchObject({ name: 'ResourceNotFoundException' })
})

const modelId = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${modelId}`
