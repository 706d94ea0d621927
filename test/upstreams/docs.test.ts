import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { createAccount, defaultLimits, parseConfig } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { repository } from '../anthology-process.ts'

const page = readFileSync(join(repository, 'docs/upstreams.md'), 'utf8')
const examples = [...page.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text = '']) => text)
const environment = { ANTHROPIC_API_KEY: 'key', AZURE_KEY: 'key', AZURE_CLIENT_SECRET: 'secret' }

test.each(examples.map((text, index) => [index + 1, text] as const))(
  'example %i of the page about upstreams is a valid configuration',
  (_number, text) => {
    const { upstreams = [] } = parseConfig(text, 'anthology.yaml', environment)

    expect(upstreams.length).toBeGreaterThan(0)
    for (const upstream of upstreams)
      if (upstream.platform !== 'emulator')
        expect(createAccount(upstream, defaultLimits)).toMatchObject({ name: upstream.name })
  },
)

test('the pages name every member of the configuration of upstreams', () => {
  const schema: unknown = JSON.parse(readFileSync(join(repository, 'gateway/anthology.schema.json'), 'utf8'))
  const members = ['bedrock', 'vertex', 'foundry', 'anthropic'].flatMap((platform) =>
    listMembers(schema, platform),
  )

  expect(members.length).toBeGreaterThan(25)
  const pages = page + readFileSync(join(repository, 'docs/local-models.md'), 'utf8')
  expect(
    members.filter((member) => !pages.includes(`\`${member}\``) && !pages.includes(`${member}:`)),
  ).toEqual([])
})

/** The members of the upstream whose `platform` has this value, wherever the schema defines it. */
function listMembers(schema: unknown, platform: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const found = Object.entries(schema).flatMap(([, value]) => listMembers(value, platform))
  if (!('properties' in schema)) return found
  const properties = Object(schema.properties) as Readonly<Record<string, { const?: unknown }>> // A schema of ours.
  return properties['platform']?.const === platform ? Object.keys(properties) : found
}
