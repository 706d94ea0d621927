import { resolve } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'

// Policies of AWS: an entry for the target beside what is allowed, and nothing beside what is denied.

function migrate(path: string, text: string) {
  const found = resolve('claude-sonnet-5-5')
  if (!found.ok) throw new Error('no target')
  return migrateText(path, text, { target: found.model, day: '2026-11-29' })
}

const arn = (id: string) => `arn:aws:bedrock:*::foundation-model/anthropic.${id}`
const opus = arn('claude-opus-4-20250514-v1:0')
const sonnet = arn('claude-sonnet-5-5')
const json = (effect: string, member: string, resources: string) =>
  `{ "Statement": [{ "Effect": "${effect}", "Action": "bedrock:InvokeModel", "${member}": ${resources} }] }\n`

describe('stays, because the statement denies it', () => {
  test.each([
    ['a resource', 'a.json', json('Deny', 'Resource', `"${opus}"`)],
    ['a list', 'a.json', json('Deny', 'Resource', `["${opus}"]`)],
    ['an exception of what is allowed', 'a.json', json('Allow', 'NotResource', `["${opus}"]`)],
    [
      'a statement of Terraform',
      'a.tf',
      `statement {\n  effect    = "Deny"\n  actions   = ["bedrock:InvokeModel"]\n  resources = ["${opus}"]\n}\n`,
    ],
    [
      'a statement of CloudFormation',
      'a.yaml',
      `Statement:\n  - Effect: Deny\n    Action: bedrock:InvokeModel\n    Resource:\n      - ${opus}\n`,
    ],
    [
      'a statement of the CDK',
      'a.ts',
      `new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['bedrock:InvokeModel'], resources: ['${opus}'] })\n`,
    ],
    ['a pattern', 'a.json', json('Deny', 'Resource', `["${arn('claude-3-*')}"]`)],
  ])('%s', (_, path, text) => {
    const { text: after, findings } = migrate(path, text)

    expect(after).toBe(text)
    expect(findings.map(({ severity }) => severity)).toEqual(['note'])
  })
})

test('gets an entry as an exception of what is denied, which is what the policy allows', () => {
  const text = json('Deny', 'NotResource', `["${opus}"]`)

  expect(migrate('a.json', text).text).toBe(json('Deny', 'NotResource', `["${opus}", "${sonnet}"]`))
})

test('a pattern that denies the target breaks its calls', () => {
  const { findings } = migrate('a.json', json('Deny', 'Resource', `["${arn('claude-sonnet-*')}"]`))

  expect(findings).toMatchObject([{ code: 'policy_wildcard', severity: 'breaks' }])
})

test('a pattern is no error beside a resource of the same kind that gets an entry for the target', () => {
  const wildcard = arn('claude-3-*')
  const profile = 'arn:aws:bedrock:*:1:inference-profile/us.anthropic.claude-opus-4-20250514-v1:0'
  const severities = (resources: string) =>
    migrate('a.json', json('Allow', 'Resource', resources))
      .findings.filter(({ code }) => code === 'policy_wildcard')
      .map(({ severity }) => severity)

  expect(severities(`["${opus}", "${wildcard}"]`)).toEqual(['note'])
  expect(severities(`["${profile}", "${wildcard}"]`)).toEqual(['breaks'])
  expect(severities(`["${wildcard}"]`)).toEqual(['breaks'])
})
