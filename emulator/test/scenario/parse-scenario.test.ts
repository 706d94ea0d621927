import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator, parseScenario, ScenarioError } from '../../src/index.ts'
import type { Scenario } from '../../src/index.ts'
import { maxJsonChars, maxYamlChars } from '../../src/scenario/parse-scenario.ts'

const head = 'version: 1\nrules:\n'

describe('a scenario', () => {
  test('is read from YAML and from JSON', () => {
    const scenario = {
      version: 1,
      unmatched: 'refuse',
      rules: [{ when: { turn: 0 }, reply: { text: 'Hi' } }],
    }

    expect(
      parse('version: 1\nunmatched: refuse\nrules: [{ when: { turn: 0 }, reply: { text: Hi } }]'),
    ).toEqual(scenario)
    expect(parse(JSON.stringify(scenario))).toEqual(scenario)
  })

  test.each([
    [
      '  - when: { modle: x }\n    reply: {}',
      "3:13: rules.0.when: unknown member 'modle'. Did you mean model?",
    ],
    ['  - repply: {}', "3:5: rules.0: unknown member 'repply'. Did you mean reply?"],
    ['  - zebra: {}', "3:5: rules.0: unknown member 'zebra'"],
    ['  - name: x', '3:5: rules.0: needs reply, fault or steps'],
    ['  - reply: { text: 3 }', '3:20: rules.0.reply.text: must be a text, not 3'],
    [
      '  - when: { last_user: [a] }\n    reply: {}',
      '3:24: rules.0.when.last_user: must be a text or a mapping, not a list',
    ],
    [
      '  - when: { last_user: {} }\n    reply: {}',
      '3:24: rules.0.when.last_user: is empty; it needs a member',
    ],
    [
      '  - when: { protocol: grpc }\n    reply: {}',
      '3:23: rules.0.when.protocol: must be one of messages, openai, bedrock, vertex',
    ],
    [
      '  - reply: { refusal: false }',
      '3:23: rules.0.reply.refusal: must be true; leave it out in place of false',
    ],
    [
      '  - reply: { blocks: [{ text: a, thinking: b }] }',
      '3:23: rules.0.reply.blocks.0: has 2 members; it can have one',
    ],
    [
      '  - reply: { usage: { outputtokens: 1 } }',
      "3:23: rules.0.reply.usage: unknown member 'outputtokens'. Did you mean output_tokens?",
    ],
    ['  - reply: { usage: { output_tokens: 0 } }', '3:38: rules.0.reply.usage.output_tokens: must be >= 1'],
    ['  - reply: {}\n    name: a\n    name: b', '5:5: Map keys must be unique'],
    ['  - reply: !secret x', '3:12: Unresolved tag: !secret'],
  ])('with the mistake %j is refused at its place', (rule, message) => {
    expect(parse(head + rule)).toBe(`s.yaml:${message}`)
  })

  test.each([
    ['', '1:1: is empty; a scenario has version and rules'],
    ['rules: []', '1:1: needs version'],
    ['version: 2\nrules: []', '1:10: version: must be 1'],
    ['version: 1\nrules: []\nunmatchd: answer', "3:1: unknown member 'unmatchd'. Did you mean unmatched?"],
    [
      'version: 1\nrules: [',
      '2:9: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('that is %j is refused', (text, message) => {
    expect(parse(text)).toBe(`s.yaml:${message}`)
  })

  test.each([
    [
      { when: { model: 'claude-sonnet-45' }, reply: {} },
      'when.model: unknown model "claude-sonnet-45". Did you mean',
    ],
    [
      { when: { last_user: { regex: '(' } }, reply: {} },
      'when.last_user.regex: error parsing regexp: missing closing )',
    ],
    [{ when: { last_user: { regex: '(?=a)' } }, reply: {} }, 'when.last_user.regex: error parsing regexp'],
    [{ when: { json: { '$.[': 'x' } }, reply: {} }, 'when.json.$.[: is not a JSONPath'],
    [
      { when: { last_user: { regex: 'a|'.repeat(2_501) } }, reply: {} },
      'when.last_user.regex: is longer than 5000 characters',
    ],
    [
      { when: { json: { [`$.${'a'.repeat(5_000)}`]: 'x' } }, reply: {} },
      `when.json.$.${'a'.repeat(198)}…: is not a JSONPath: it is longer than 5000 characters`,
    ],
    [
      { when: { json: { '$.a': { exists: false, equals: 1 } } }, reply: {} },
      'when.json.$.a.exists: a value that does not exist',
    ],
    [{ when: { header: { A: 'x', a: 'y' } }, reply: {} }, 'when.header.a: repeats a header'],
    [{ reply: {}, steps: [{ reply: {} }] }, 'steps: a rule has either steps, or reply and fault'],
    [{ steps: [{ reply: { stop_reason: 'tool_use' } }] }, 'steps.0.reply.stop_reason: tool_use needs a call'],
    [{ reply: { text: 'a', blocks: [] } }, 'reply.blocks: stands in place of text'],
    [{ reply: { text: 'a', structured: 1 } }, 'reply.structured: stands in place of text'],
    [{ reply: { refusal: true, structured: 1 } }, 'reply.refusal: a refusal has no structured value'],
    [
      { reply: { refusal: true, tool_calls: [{ name: 'a' }] } },
      'reply.refusal: refusal contradicts the call of a tool',
    ],
    [
      { reply: { refusal: true, stop_reason: 'end_turn' } },
      'reply.stop_reason: a refusal has the stop reason refusal',
    ],
    [
      { reply: { tool_calls: [{ name: 'a' }], stop_reason: 'end_turn' } },
      'reply.stop_reason: end_turn contradicts',
    ],
    [
      { reply: { text: 'a', stop_reason: 'pause_turn' } },
      'reply.stop_reason: pause_turn needs a block of a server tool',
    ],
    [{ reply: { stop_sequence: 'a' } }, 'reply.stop_sequence: needs stop_reason: stop_sequence'],
    [
      { reply: { blocks: [{ block: { type: 'image' } }] } },
      "reply.blocks.0.block: type: a block of type 'image' is part of a request",
    ],
    [
      { reply: { blocks: [{ block: { type: 'thinking', thinking: 'a', signature: 'b' } }] } },
      'reply.blocks.0.block: write thinking: TEXT',
    ],
    [
      { reply: { blocks: [{ block: { type: 'text', text: 'a', cache_control: null } }] } },
      'reply.blocks.0.block: text.cache_control: Extra inputs',
    ],
    [
      { reply: { blocks: [{ block: { type: 'server_tool_use', id: 'x', name: 'web_search', input: {} } }] } },
      'reply.blocks.0.block: server_tool_use.id: String should match',
    ],
    [
      {
        reply: {
          usage: {
            cache_creation_input_tokens: 3,
            cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 1 },
          },
        },
      },
      'reply.usage.cache_creation: has 2 tokens, but cache_creation_input_tokens is 3',
    ],
    [
      { reply: { usage: { output_tokens: 1, output_tokens_details: { thinking_tokens: 2 } } } },
      'reply.usage.output_tokens_details.thinking_tokens: is a part of output_tokens',
    ],
    [
      { reply: { text: '{{last_usr}}' } },
      'reply.text: {{last_usr}} is no template. Did you mean {{last_user}}?',
    ],
    [{ reply: { text: '{{match.1}}' } }, 'reply.text: {{match.1}}: the rule has no regular expression'],
    [{ reply: { text: '{{match.name}}' } }, 'reply.text: {{match.name}}: the rule has no regular expression'],
    [
      { when: { last_user: { regex: '(?P<name>a)' } }, reply: { text: 'It is {{ match.name }}.' } },
      'reply.text: {{ match.name }}: a group has a number, such as {{match.1}}',
    ],
    [{ reply: { text: 'a', usage: { input_tokens: 1e308 } } }, 'reply.usage.input_tokens: must be'],
    [{ times: 2 ** 53, reply: { text: 'a' } }, 'times: must be'],
    [{ fault: { status: 429, retry_after: 1e308 } }, 'fault.retry_after: must be'],
    [
      { when: { last_user: { regex: '(a)' } }, reply: { text: '{{match.2}}' } },
      'reply.text: {{match.2}}: the first regular expression of the rule has 1 group',
    ],
    [
      { reply: { tool_calls: [{ name: 'a', input: { b: ['{{json:$[}}'] } }] } },
      'reply.tool_calls.0.input.b.0: {{json:$[}}: is not a JSONPath',
    ],
  ])('with the contradiction %j is refused', (rule, message) => {
    const scenario = { version: 1, rules: [{ reply: {} }, rule] } as Scenario // It has the shape.

    expect(parse(JSON.stringify(scenario))).toContain(`: rules.1.${message}`)
    expect(() => createEmulator({ scenario })).toThrow(ScenarioError)
    expect(() => createEmulator({ scenario })).toThrow(`rules.1.${message}`)
  })
})

describe('a hostile scenario', () => {
  const bomb = [
    'a: &a [x]',
    ...'bcdefghi'.split('').map((name, index) => {
      const before = 'abcdefghi'[index]
      return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join()}]`
    }),
  ].join('\n')

  test.each([
    ['aliases that stand for a billion values', bomb, 's.yaml:1:1: Excessive alias count'],
    [
      'an alias to itself',
      `${head}  - reply: { structured: &a { b: *a } }`,
      'is nested in more than 100 levels, or refers to itself',
    ],
    ['many open brackets', '['.repeat(100_000), 'is nested too deeply'],
    [
      'many levels',
      `${head}  - reply: { structured: ${'['.repeat(150)}${']'.repeat(150)} }`,
      'is nested in more than 100 levels',
    ],
    ['a set', 'version: 1\nrules: !!set {x}', 'rules: is not a value of JSON'],
    [
      'a number that is none',
      `${head}  - priority: .nan\n    reply: {}`,
      'priority: NaN is not a number of JSON',
    ],
    [
      'half a character',
      `${head}  - reply: { text: "\\ud800" }`,
      '3:20: rules.0.reply.text: has half of a surrogate pair',
    ],
    ['a prototype', '{"version": 1, "rules": [], "__proto__": {}}', "1:29: unknown member '__proto__'"],
    ['too much YAML', `${head}${' '.repeat(maxYamlChars)}`, 's.yaml: is too large'],
    [
      'too much JSON',
      JSON.stringify({ version: 1, rules: [], x: ' '.repeat(maxJsonChars) }),
      's.yaml: is too large',
    ],
  ])('with %s is refused', (_name, text, message) => {
    expect(parse(text)).toContain(message)
  })

  test('in JSON may be larger than in YAML', () => {
    const scenario = { version: 1, rules: [{ reply: { text: 'x'.repeat(maxYamlChars) } }] }

    expect(parse(JSON.stringify(scenario))).toEqual(scenario)
    expect(parse(JSON.stringify({ ...scenario, version: 2 }))).toBe('s.yaml: version: must be 1')
  })

  test.each([
    [
      'itself',
      () => {
        const rule: Record<string, unknown> = {}
        rule['reply'] = { structured: rule }
        return rule
      },
      'refers to itself',
    ],
    [
      'a function',
      () => ({ reply: { text: () => 'x' } }),
      'reply.text: is not a value of JSON, but function',
    ],
    [
      'a date',
      () => ({ reply: { structured: { at: new Date(0) } } }),
      'reply.structured.at: is not a value of JSON',
    ],
    [
      'a number without end',
      () => ({ reply: {}, priority: Infinity }),
      'priority: Infinity is not a number of JSON',
    ],
    ['null', () => null, 'must be a mapping, not null'],
    ['a text', () => 'x', 'must be a mapping, not a text'],
  ])('of a program that contains %s is refused', (_name, make, message) => {
    const added = make() as never // A program without types can give anything.

    expect(() => createEmulator().use(added)).toThrow(ScenarioError)
    expect(() => createEmulator().use(added)).toThrow(message)
  })

  test('of any bytes never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const parsed = parseScenario(head + text, 's.yaml')
        expect(parsed.ok || parsed.message.startsWith('s.yaml:')).toBe(true)
      }),
    )
  })

  test('of any value of JSON is read or refused with a place', () => {
    const names = fc.constantFrom(
      'version',
      'rules',
      'when',
      'reply',
      'text',
      'blocks',
      'block',
      'steps',
      'usage',
      'json',
      'type',
    )
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>(1, 'a', true, null, {}, []),
        fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 3 }), (rules) => {
        const parsed = parseScenario(JSON.stringify({ version: 1, rules }), 's.json')
        expect(parsed.ok || /^s\.json:1:\d+: rules/.test(parsed.message)).toBe(true)
      }),
    )
  })
})

/** The scenario, or the message of the error. */
function parse(text: string): unknown {
  const parsed = parseScenario(text, 's.yaml')
  return parsed.ok ? parsed.value : parsed.message
}
