import { expect, test } from 'vitest'

import { findConfigWarnings } from '../../src/config/config-warnings.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { createRoutingOrder } from '../../src/routing/routing-config.ts'

const nowMs = Date.parse('2026-11-30')

function warn(text: string): readonly string[] {
  const { upstreams = [], ...config } = parseConfig(text, 'anthology.yaml', {})
  return findConfigWarnings(upstreams, config, nowMs).map((each) => `${each.member}: ${each.text}`)
}

test.each([
  ['bedrock, region: us-east-1', null],
  ['bedrock, region: us-east-1, profile: global', null],
  ['bedrock, region: us-gov-west-1', null],
  ['bedrock, region: us-gov-west-1, profile: us-gov', null],
  ['bedrock, region: sa-east-1', null],
  ['bedrock, region: ap-northeast-1, profile: jp', null],
  ['bedrock, region: ap-southeast-1, profile: apac', null],
  ['bedrock, region: ca-central-1, profile: us', null],
  ['bedrock, region: sa-east-1, profile: us', null],
  ['bedrock, region: eu-west-1, profile: none, models: { "*": "arn:x" }', null],
  ['bedrock, region: eu-west-1, profile: us, models: { "*": "arn:x" }', null],
  ['vertex, project: p, location: us-east5', null],
  ['vertex, project: p, location: eu', null],
  ['bedrock, region: us-esat-1', "region: 'us-esat-1' is not a known region of AWS"],
  ['bedrock, region: us-east5', "region: 'us-east5' is not a known region of AWS"],
  ['vertex, project: p, location: us-east-5', "location: 'us-east-5' is not a known location of Vertex AI"],
  [
    'bedrock, region: eu-west-1, profile: us',
    'profile: no source lists inference profiles of us that can be called in eu-west-1',
  ],
  [
    'bedrock, region: ap-southeast-1, profile: jp',
    'profile: no source lists inference profiles of jp that can be called in ap-southeast-1',
  ],
  [
    'bedrock, region: us-gov-west-1, profile: global',
    'profile: no source lists inference profiles of global that can be called in us-gov-west-1',
  ],
  [
    'bedrock, region: ca-central-1, profile: ca',
    'profile: no model of the catalog has an inference profile of ca',
  ],
  [
    'bedrock, region: sa-east-1, profile: us-gov',
    'profile: no source lists inference profiles of us-gov that can be called in sa-east-1',
  ],
  [
    'bedrock, region: eu-west-1, profile: none',
    'profile: the models of the catalog are served by inference profiles only',
  ],
  [
    'bedrock, region: cn-north-1',
    'region: no model of the catalog is offered in cn-north-1, so the upstream is never asked',
  ],
])('checks the place of { platform: %s }', (members, warning) => {
  const found = warn(`upstreams: [{ platform: ${members} }]`)

  expect(found).toEqual(warning === null ? [] : [`upstreams.0.${warning}`])
})

test('names the place that was probably meant', () => {
  const next = (text: string) =>
    findConfigWarnings(parseConfig(text, 'anthology.yaml', {}).upstreams ?? [], {}, nowMs)[0]?.next

  expect(next('upstreams: [{ platform: vertex, project: p, location: us-east-5 }]')).toMatch(
    /^Did you mean us-east5\?/,
  )
  expect(next('upstreams: [{ platform: bedrock, region: nowhere }]')).toMatch(/^Check its spelling\./)
  expect(next('upstreams: [{ platform: bedrock, region: eu-west-1, profile: us }]')).toBe(
    'Set profile to eu or global, or leave it out.',
  )
})

test.each([
  ['{ groups: [[one, two]], weights: { one: 3 } }', []],
  ['{ groups: [[one]], models: { claude-haiku-4-5: [[two]] } }', []],
  [
    '{ groups: [[one]], weights: { two: 3 } }',
    [
      "upstreams.1: no group names upstream 'two', so it is never asked",
      "routing.weights.two: the weight has no effect, because upstream 'two' is in no group with another one",
    ],
  ],
  [
    '{ weights: { one: 3 } }',
    ["routing.weights.one: the weight has no effect, because upstream 'one' is in no group with another one"],
  ],
])('checks what the routing leaves out: %s', (routing, warnings) => {
  const upstreams = '[{ name: one, platform: anthropic }, { name: two, platform: anthropic }]'

  expect(warn(`upstreams: ${upstreams}\nrouting: ${routing}`)).toEqual(warnings)
})

test('an upstream may have the name of a member that every object has', () => {
  const routing = { groups: [['constructor'], ['two']] }

  expect(createRoutingOrder(routing, ['constructor', 'two']).weightOf('constructor')).toBe(1)
  expect(
    warn(`upstreams: [{ name: constructor, platform: anthropic }, { name: two, platform: anthropic }]
routing: ${JSON.stringify(routing)}`),
  ).toEqual([])
})

test('checks that the upstreams of a model offer it', () => {
  const upstreams = `upstreams:
  - { name: old, platform: vertex, project: p, location: us-east5 }
  - { name: new, platform: vertex, project: p, location: global }
  - { name: apac, platform: bedrock, region: ap-southeast-1, profile: apac }
  - { name: own, platform: bedrock, region: ap-southeast-1, profile: apac, models: { claude-opus-5: abc } }
`
  const routing = `routing:
  groups: [[old, new, apac, own]]
  aliases: { claude-haiku-4-5: claude-opus-5 }
  models:
    claude-sonnet-4-6: [[old], [new]]
    claude-haiku-4-5: [[apac]]
    claude-opus-5: [[old, new], [apac, own]]
`

  expect(warn(upstreams + routing)).toEqual([
    "routing.models.claude-opus-5: upstream 'old' does not offer claude-opus-5 in us-east5, so it is never asked for it",
    "routing.models.claude-opus-5: upstream 'apac' does not offer claude-opus-5 in ap-southeast-1, so it is never asked for it",
  ])
})

test('groups whose users sign in and see no workspace', () => {
  const write = (rest: string) =>
    `console: { oidc: { issuer: "https://login.example.com", client_id: a, roles: { platform: admin, finance: billing, team: member }${rest} } }`

  expect(warn(write(''))).toEqual([])
  expect(warn(write(', workspaces: { finance: ["*"], team: [research] }'))).toEqual([])
  expect(warn(write(', workspaces: { team: [research] }'))).toEqual([
    "console.oidc.roles.finance: users of group 'finance' have the role billing and see no workspace, because console.oidc.workspaces does not name the group",
  ])
})
