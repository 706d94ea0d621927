import { expect, test } from 'vitest'

import { locateMember } from '../../src/config/locate-member.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { UnsetReference } from '../../src/config/parse-config.ts'
import { defaultLimits, limitNames } from '../../src/limits.ts'

test('reads every member', () => {
  const limits = [...limitNames.keys()].map((name, index) => `  ${name}: ${index + 1}`)
  const text = `
port: 8000
host: 0.0.0.0
data: /var/lib/anthology
hosts: [claude.example, '[2001:db8::1]:8443']
cors_origins: ['https://app.example', 'http://localhost:5173']
durability: power
validate_requests: false
telemetry:
  otlp_endpoint: https://collector.example.com
  otlp_headers: { authorization: Bearer x }
  sample_ratio: 0.25
  forward_trace: true
  service_name: gateway-of-a-team
upstreams:
  - platform: anthropic
    name: main
    base_url: https://api.example.com/prefix
    api_key: sk-ant-1
workers: 3
rates:
  default:
    requests_per_minute: 1000
  models:
    claude-opus-4-1: { output_tokens_per_minute: 8000 }
  keys:
    ci:
      input_tokens_per_minute: unlimited
      models: { haiku: { requests_per_minute: 50 } }
limits:
${limits.join('\n')}
`

  expect(parse(text)).toEqual({
    port: 8000,
    host: '0.0.0.0',
    data: '/var/lib/anthology',
    hosts: ['claude.example', '[2001:db8::1]:8443'],
    cors_origins: ['https://app.example', 'http://localhost:5173'],
    durability: 'power',
    validate_requests: false,
    telemetry: {
      otlp_endpoint: 'https://collector.example.com',
      otlp_headers: { authorization: 'Bearer x' },
      sample_ratio: 0.25,
      forward_trace: true,
      service_name: 'gateway-of-a-team',
    },
    upstreams: [
      {
        platform: 'anthropic',
        name: 'main',
        base_url: 'https://api.example.com/prefix',
        api_key: 'sk-ant-1',
      },
    ],
    workers: 3,
    rates: {
      default: { requests_per_minute: 1_000 },
      models: { 'claude-opus-4-1': { output_tokens_per_minute: 8_000 } },
      keys: {
        ci: {
          input_tokens_per_minute: 'unlimited',
          models: { haiku: { requests_per_minute: 50 } },
        },
      },
    },
    limits: Object.fromEntries(Object.keys(defaultLimits).map((name, index) => [name, index + 1])),
  })
})

test('reads an emulator with all of its members', () => {
  const upstreams = [{ platform: 'emulator', name: 'stand-in', seed: 's', tokens_per_second: 12.5 }]

  expect(parse(JSON.stringify({ upstreams })).upstreams).toEqual(upstreams)
})

test.each([[''], ['# nothing but a comment\n'], ['---\n'], ['{}']])(
  'reads %j as an empty configuration',
  (text) => {
    expect(parse(text)).toEqual({ limits: {} })
  },
)

test('reads the limits under the names of the schema', () => {
  expect(parse('limits: { body_bytes: 1000, upstream_first_byte_ms: 5 }').limits).toEqual({
    bodyBytes: 1_000,
    upstreamFirstByteMs: 5,
  })
})

test('replaces environment variables in strings', () => {
  const text = [
    'data: ${HOME_OF_DATA}/anthology-${STAGE}',
    'upstreams:',
    '  - platform: anthropic',
    '    auth_token: "${TOKEN}"',
    '    # ${COMMENTED_OUT}',
  ].join('\n')

  const config = parse(text, { HOME_OF_DATA: '/data', STAGE: 'test', TOKEN: 'a: "b" ${STAGE}' })

  expect(config.data).toBe('/data/anthology-test')
  // The value of a variable is text, neither YAML nor another reference.
  expect(config.upstreams).toEqual([{ platform: 'anthropic', auth_token: 'a: "b" ${STAGE}' }])
})

test.each([
  [
    'a variable that is not set',
    'port: 1\ndata: ${NOWHERE}\n',
    '2:7: the environment variable NOWHERE is not set',
  ],
  ['a variable that is empty', 'data: x${EMPTY}\n', '1:7: the environment variable EMPTY is not set'],
  ['an unknown member', 'port: 1\nprot: 2\n', "2:1: unknown member 'prot'"],
  [
    'an unknown member of an upstream',
    'upstreams:\n  - platform: anthropic\n    base_ulr: https://x\n',
    "3:5: unknown member 'base_ulr' in upstreams.0",
  ],
  ['an unknown limit', 'limits:\n  body_size: 5\n', "2:3: unknown member 'body_size' in limits"],
  ['a port that is text', 'port: http\n', '1:7: port: must be integer'],
  ['a port out of range', 'port: 70000\n', '1:7: port: must be <= 65535'],
  [
    'a durability that does not exist',
    'durability: disk\n',
    '1:13: durability: must be one of ["process","power","store"]',
  ],
  [
    'an unknown platform',
    'upstreams:\n  - platform: openai\n',
    "2:5: upstreams.0.platform: must be 'anthropic', 'bedrock', 'vertex', 'foundry' or 'emulator'",
  ],
  [
    'an upstream without a platform',
    'upstreams:\n  - name: x\n',
    "2:5: upstreams.0.platform: must be 'anthropic', 'bedrock', 'vertex', 'foundry' or 'emulator'",
  ],
  ['no upstream at all', 'upstreams: []\n', '1:12: upstreams: must NOT have fewer than 1 items'],
  [
    'a base URL of another kind',
    'upstreams:\n  - platform: anthropic\n    base_url: ftp://x\n',
    '3:15: upstreams.0.base_url: must match',
  ],
  ['a share beyond one', 'telemetry:\n  sample_ratio: 2\n', '2:17: telemetry.sample_ratio: must be <= 1'],
  ['a limit of zero', 'limits:\n  body_bytes: 0\n', '2:15: limits.body_bytes: must be >= 1'],
  ['a limit in words', 'limits:\n  body_bytes: 32 MB\n', '2:15: limits.body_bytes: must be integer'],
  [
    'both credentials',
    'upstreams:\n  - platform: anthropic\n    api_key: a\n    auth_token: b\n',
    '2:5: upstreams.0: give api_key or auth_token, not both',
  ],
  ['no worker at all', 'workers: 0\n', '1:10: workers: must be >= 1'],
  [
    'an unknown rate',
    'rates:\n  default:\n    requests_per_hour: 5\n',
    "3:5: unknown member 'requests_per_hour' in rates.default",
  ],
  [
    'a rate of zero',
    'rates:\n  keys:\n    ci: { requests_per_minute: 0 }\n',
    '3:32: rates.keys.ci.requests_per_minute: must be >= 1',
  ],
  ['a member twice', 'port: 1\nport: 2\n', '2:1: Map keys must be unique'],
  ['a list', '- port: 1\n', '1:1: the file: must be object'],
  ['a file that is no text', '\u0000\u0001', '1:1: the file: must be object, not a string'],
  ['broken YAML', 'upstreams: [\n', '2:1: Flow sequence'],
  ['a null', 'port: null\n', '1:7: port: must be integer, not null'],
  ['a time in words', 'limits:\n  queue_ms: 2 s\n', '2:13: limits.queue_ms: must be integer, not 2 s'],
  ['a number in quotes', 'workers: "3"\n', '1:10: workers: must be integer, not "3"'],
  ['a number that is a text', 'data: 5\n', '1:7: data: must be string, not a number'],
  ['a number that is none', 'limits: { body_bytes: .inf }\n', '1:23: limits.body_bytes: must be'],
  ['a fraction', 'limits: { body_bytes: 1.5 }\n', '1:23: limits.body_bytes: must be integer, not 1.5'],
  ['a list of limits', 'limits: [1]\n', '1:9: limits: must be object, not a list'],
  [
    'a rate in words',
    'rates: { default: { requests_per_minute: many } }\n',
    "1:42: rates.default.requests_per_minute: must be integer or 'unlimited', not many",
  ],
  [
    'a wrong rate of a key whose name is a number',
    'rates:\n  keys:\n    42:\n      requests_per_minute: 0\n',
    '4:28: rates.keys.42.requests_per_minute: must be >= 1, not 0',
  ],
  [
    'a wrong rate of a model whose name has a slash',
    'rates:\n  models:\n    a/b~c:\n      requests_per_minute: 0\n',
    '4:28: rates.models.a/b~c.requests_per_minute: must be >= 1, not 0',
  ],
  [
    'an invalid value behind an alias, at the alias',
    'rates: { default: &rate { requests_per_minute: 5 } }\nlimits: *rate\n',
    "2:9: unknown member 'requests_per_minute' in limits",
  ],
  ['a merge of YAML 1.1', 'limits: { <<: { body_bytes: 1 } }\n', "1:11: unknown member '<<' in limits"],
  [
    'an alias of no name',
    'routing: { aliases: { best: 5 } }\n',
    '1:29: routing.aliases.best: must be string',
  ],
  ['the prototype as a member', '__proto__: { port: 1 }\n', "1:1: unknown member '__proto__'"],
  ['two documents', 'port: 1\n---\nport: 2\n', '2:1: Source contains multiple documents'],
])('rejects %s, with its position', (_, text, expected) => {
  const parsing = () => parse(text, { EMPTY: '' })

  expect(parsing).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringContaining(`anthology.yaml:${expected}`),
      hint: expect.stringMatching(/anthology\.schema\.json|Correct the YAML at this place/),
    }),
  )
})

test.each([
  ['prot: 2', 'Did you mean port?'],
  ['limits: { body_byte: 5 }', 'Did you mean body_bytes?'],
  ['upstreams: [{ platform: anthropic, base_ulr: x }]', 'Did you mean base_url?'],
])('suggests the intended member for %s', (text, hint) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
})

test('lists the members of a small group if none is similar', () => {
  expect(() => parse('tls: { cert: a.pem }')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('Its members are certificate, key. ') }),
  )
})

test('says of broken YAML what is wrong, once where, and that the YAML is', () => {
  expect(() => parse('upstreams:\n\t- platform: emulator\n')).toThrow(
    expect.objectContaining({
      message: 'anthology.yaml:2:1: Tabs are not allowed as indentation',
      hint: 'Correct the YAML at this place.',
    }),
  )
})

test('locates a member that is checked later, or what contains it', () => {
  const text = 'port: 1\nrouting:\n  groups: [[us]]\nbudgets:\n  - scope: label:a=b\n'

  expect(locateMember(text, 'routing.groups')).toEqual({ line: 3, column: 11 })
  expect(locateMember(text, 'budgets.0.scope')).toEqual({ line: 5, column: 12 })
  expect(locateMember(text, 'routing.models.claude-opus-4-1')).toEqual({ line: 3, column: 3 })
  expect(locateMember(text, 'store')).toBeNull()
})

test('suggests no member if none is similar', () => {
  expect(() => parse('completely_different: 1')).toThrow(
    expect.objectContaining({ hint: expect.not.stringContaining('mean') }),
  )
})

test.each([
  'upstreams: [{ platform: anthropic, api_key: 1234567890123456 }]',
  'upstreams: [{ platform: anthropic, api_key: [1234567890123456] }]',
  'telemetry: { otlp_headers: { authorization: 1234567890123456 } }',
  'telemetry: { otlp_endpoint: "1234567890123456" }',
  'port: ${KEY}',
  'limits: { queue_ms: "${KEY}" }',
])('prints no value of %s', (text) => {
  expect(() => parse(text, { KEY: '1234567890123456' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('1234567890123456') }),
  )
})

test('prints no credential in its messages', () => {
  const text =
    'upstreams:\n  - platform: anthropic\n    api_key: ${KEY}\n    auth_token: ${KEY}\n    nmae: x\n'

  expect(() => parse(text, { KEY: 'the-secret' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('the-secret') }),
  )
})

test('rejects a file whose aliases would exhaust memory', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [index, name] of 'bcdefghij'.split('').entries())
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`)

  expect(() => parse(bomb.join('\n'))).toThrow(expect.objectContaining({ code: 'config_invalid' }))
})

test.each([
  'cors_origins: ["*"]',
  'cors_origins: ["https://app.example/"]',
  'cors_origins: ["https://*.example"]',
  'cors_origins: ["app.example"]',
  'cors_origins: ["null"]',
  'cors_origins: ["https://App.example"]',
  'hosts: ["https://claude.example"]',
  'hosts: ["*"]',
  'hosts: [""]',
])('rejects %s, which no browser sends', (text) => {
  expect(() => parse(text)).toThrow(/:1:\d+: \w+\.0: /)
})

function parse(text: string, env: Record<string, string> = {}) {
  return parseConfig(text, 'anthology.yaml', env)
}

test('a program that does not use a member can read the rest without its environment variable', () => {
  const text = `
data: \${DATA}
upstreams:
  - platform: anthropic
    base_url: \${UP_URL}/prefix
    api_key: \${UP_ONE}
telemetry:
  otlp_headers: { authorization: "Bearer \${TOKEN}" }
`
  const unset: UnsetReference[] = []

  const config = parseConfig(text, 'anthology.yaml', { DATA: 'ledgers', TOKEN: '' }, (found) =>
    unset.push(found),
  )

  expect(config).toMatchObject({ data: 'ledgers', upstreams: [{ api_key: '${UP_ONE}' }] })
  expect(unset).toEqual([
    {
      member: 'upstreams.0.base_url',
      variable: 'UP_URL',
      message: 'anthology.yaml:5:15: the environment variable UP_URL is not set',
    },
    {
      member: 'upstreams.0.api_key',
      variable: 'UP_ONE',
      message: 'anthology.yaml:6:14: the environment variable UP_ONE is not set',
    },
    {
      member: 'telemetry.otlp_headers.authorization',
      variable: 'TOKEN',
      message: 'anthology.yaml:8:34: the environment variable TOKEN is not set',
    },
  ])
})

test('an error beside an unset variable is still an error', () => {
  const text = 'upstreams:\n  - platform: anthropic\n    api_key: ${UP_ONE}\n    base_ulr: x\n'

  expect(() => parseConfig(text, 'anthology.yaml', {}, () => {})).toThrow("unknown member 'base_ulr'")
})
