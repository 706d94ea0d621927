import { beforeAll, describe, expect, test } from 'vitest'

import type { CloudName } from '../upstreams/clouds.ts'
import { makeWorkplace, runClaudeCode } from './claude-code.ts'
import { platformClients } from './platform-clients.ts'
import type { PlatformTarget } from './platform-question.ts'
import { findPython } from './python.ts'
import { startPlatform } from './rig.ts'

// Every client, with its own protocol, before a gateway that calls each platform over sockets.

const clouds: readonly CloudName[] = ['anthropic', 'invoke', 'vertex', 'foundry']

const boto3 = await findPython({
  modules: ['boto3', 'google.auth', 'anthropic'],
  packages: ['boto3', 'anthropic[bedrock,vertex]'],
})

describe.each(clouds)('with %s behind', (cloud) => {
  let target: PlatformTarget

  beforeAll(async () => {
    target = await startPlatform(cloud)
    return () => target.close()
  })

  test.each(platformClients.map((client) => [client.name, client] as const))(
    '%s gets an answer, the same as a stream, and runs a tool',
    async (_name, { protocol, run }) => {
      const before = target.calls().length

      const { plain, streamed, city, answer } = await run(target)

      expect(plain).toMatch(/\w{3}/)
      expect(streamed).toBe(plain)
      expect([city, answer]).toEqual(['Lisbon', expect.stringContaining('18 degrees')])
      const rows = target.calls().slice(0, target.calls().length - before)
      expect(rows).toHaveLength(4)
      for (const row of rows)
        expect(row).toMatchObject({ protocol, upstream: cloud, outcome: 'answered', usage_source: 'final' })
    },
  )

  test.each(claudeCodeModes())(
    'Claude Code on %s answers a prompt',
    async (_title, protocol, getVariables) => {
      const before = target.calls().length

      const printed = await runClaudeCode(
        { variables: getVariables(target) },
        await makeWorkplace(),
        'Why is the sky blue?',
        { 'output-format': 'json' },
      )

      expect(printed.exitCode, printed.errors + printed.output).toBe(0)
      expect(JSON.parse(printed.output)).toMatchObject({ subtype: 'success', is_error: false })
      const rows = target.calls().slice(0, target.calls().length - before)
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row).toMatchObject({ protocol, upstream: cloud, outcome: 'answered' })
    },
  )

  if (boto3.ok) {
    test(`boto3 and the Python SDK ${boto3.version} get answers`, async () => {
      const { baseUrl, key, aws } = target
      const printed = await boto3.run(
        'python-calls.py',
        baseUrl,
        key,
        aws?.accessKeyId ?? '',
        aws?.secretAccessKey ?? '',
      )

      const { boto3: own, bedrock, vertex } = JSON.parse(printed)
      const texts: readonly string[] = [...own.texts, ...bedrock.texts, ...vertex.texts]
      expect(texts).toHaveLength(8)
      expect(new Set(texts).size).toBe(1)
    })
  } else {
    test(`boto3 was not run: ${boto3.because}`, () => {
      expect(boto3.because).not.toBe('')
    })
  }
})

type Mode = readonly [
  title: string,
  protocol: string,
  getVariables: (target: PlatformTarget) => Readonly<Record<string, string>>,
]

/** The variables are from Claude Code's pages about the clouds and about gateways. */
function claudeCodeModes(): readonly Mode[] {
  return [
    [
      'the Messages API',
      'messages',
      ({ baseUrl, key }) => ({ ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_AUTH_TOKEN: key }),
    ],
    [
      'Amazon Bedrock',
      'bedrock',
      ({ baseUrl, aws }) => ({
        CLAUDE_CODE_USE_BEDROCK: '1',
        ANTHROPIC_BEDROCK_BASE_URL: baseUrl,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: aws?.accessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: aws?.secretAccessKey ?? '',
      }),
    ],
    [
      'Vertex AI',
      'vertex',
      ({ baseUrl, key }) => ({
        CLAUDE_CODE_USE_VERTEX: '1',
        ANTHROPIC_VERTEX_BASE_URL: `${baseUrl}/v1`,
        ANTHROPIC_VERTEX_PROJECT_ID: 'a-project',
        CLOUD_ML_REGION: 'us-east5',
        CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
        ANTHROPIC_AUTH_TOKEN: key,
      }),
    ],
  ]
}
