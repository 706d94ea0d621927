import { resolve } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'

// Shapes of code and configuration, each with its neighbours: what is edited, and what looks alike and stays.

const day = '2026-11-29'

function migrate(path: string, text: string, to = 'claude-sonnet-5-5') {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  return migrateText(path, text, { target: found.model, day })
}

describe('is edited', () => {
  test.each([
    [
      'a body that is written in joined strings',
      'a.java',
      String.raw`String b = "{\"model\": \"claude-sonnet-4-20250514\"," + " \"max_tokens\": 9000, \"messages\": []}";`,
      String.raw`String b = "{\"model\": \"claude-sonnet-5-5\"," + " \"max_tokens\": 9000, \"messages\": []}";`,
    ],
    [
      'a body of Bedrock, whose model stands before it in the command',
      'a.sh',
      `aws bedrock-runtime converse --model-id us.anthropic.claude-sonnet-4-20250514-v1:0 \\\n  --inference-config '{"maxTokens": 9000, "temperature": 0.2}'\n`,
      `aws bedrock-runtime converse --model-id us.anthropic.claude-sonnet-5-5 \\\n  --inference-config '{"maxTokens": 9000}'\n`,
    ],
    [
      'a header of curl with one beta',
      'a.sh',
      `curl -s url \\\n  -H "anthropic-beta: context-1m-2025-08-07" \\\n  -d '{"model": "claude-sonnet-4-5", "max_tokens": 9000, "messages": []}'\n`,
      `curl -s url \\\n  -d '{"model": "claude-sonnet-5-5", "max_tokens": 9000, "messages": []}'\n`,
    ],
    [
      'a list with models of several vendors',
      'a.yaml',
      'enum:\n  - gpt-4o\n  - claude-sonnet-4-20250514\n',
      'enum:\n  - gpt-4o\n  - claude-sonnet-4-20250514\n  - claude-sonnet-5-5\n',
    ],
    [
      'a record with prices that is in no list',
      'a.ts',
      "const model = { id: 'claude-sonnet-4-20250514', input: 3, output: 15 }\n",
      "const model = { id: 'claude-sonnet-5-5', input: 2, output: 10 }\n",
    ],
    [
      'a map of one kind of price, called after it',
      'a.ts',
      "const CACHE_READ = {\n  'claude-sonnet-4-20250514': 0.3,\n}\n",
      "const CACHE_READ = {\n  'claude-sonnet-4-20250514': 0.3,\n  'claude-sonnet-5-5': 0.1,\n}\n",
    ],
    [
      'prices of a deployment of LiteLLM, beside its model',
      'a.yaml',
      'model_list:\n  - model_name: main\n    litellm_params:\n      model: anthropic/claude-sonnet-4-20250514\n    model_info:\n      input_cost_per_token: 0.000003\n      output_cost_per_token: 0.000015\n      mode: chat\n',
      'model_list:\n  - model_name: main\n    litellm_params:\n      model: anthropic/claude-sonnet-5-5\n    model_info:\n      input_cost_per_token: 0.000002\n      output_cost_per_token: 0.000010\n      mode: chat\n',
    ],
    [
      'the first model of a command, and not its fallback',
      'a.sh',
      'claude --model claude-sonnet-4-20250514 \\\n  --fallback-model claude-3-5-haiku-20241022 -p hi\n',
      'claude --model claude-sonnet-5-5 \\\n  --fallback-model claude-3-5-haiku-20241022 -p hi\n',
    ],
    [
      'the first model of an agent, and not its fallback',
      'a.py',
      'o = ClaudeAgentOptions(fallback_model="claude-3-5-haiku-20241022", model="claude-sonnet-4-20250514")\n',
      'o = ClaudeAgentOptions(fallback_model="claude-3-5-haiku-20241022", model="claude-sonnet-5-5")\n',
    ],
    [
      'the first model of settings, and not its fallbacks',
      'settings.json',
      '{"model": "claude-sonnet-4-20250514", "fallbackModel": ["gpt-5", "claude-3-5-haiku-20241022"]}\n',
      '{"model": "claude-sonnet-5-5", "fallbackModel": ["gpt-5", "claude-3-5-haiku-20241022"]}\n',
    ],
    [
      'the first model of a command, and none of its fallbacks',
      'a.sh',
      'claude --model claude-sonnet-4-20250514 --fallback-model claude-opus-4-20250514,claude-3-5-haiku-20241022\n',
      'claude --model claude-sonnet-5-5 --fallback-model claude-opus-4-20250514,claude-3-5-haiku-20241022\n',
    ],
    [
      'a fallback of the default model',
      'a.sh',
      'claude --fallback-model claude-3-5-haiku-20241022\n',
      'claude --fallback-model claude-sonnet-5-5\n',
    ],
    [
      'settings of the environment',
      '.env',
      'CLAUDE_MODEL=claude-sonnet-4-20250514\nCLAUDE_TEMPERATURE=0.3\nEMBEDDING_TEMPERATURE=0.3\n',
      'CLAUDE_MODEL=claude-sonnet-5-5\nEMBEDDING_TEMPERATURE=0.3\n',
    ],
    [
      'settings of Spring',
      'application.properties',
      'spring.ai.chat.options.model=claude-sonnet-4-0\nspring.ai.chat.options.temperature=0.7\n',
      'spring.ai.chat.options.model=claude-sonnet-5-5\n',
    ],
    [
      'a section of TOML and the section below it',
      'a.toml',
      '[bot]\nmodel = "claude-sonnet-4-0"\n\n[bot.thinking]\ntype = "enabled"\nbudget_tokens = 2000\n',
      '[bot]\nmodel = "claude-sonnet-5-5"\n\n[bot.thinking]\ntype = "adaptive"\n',
    ],
    [
      'rows that SQL inserts',
      'seeds.sql',
      "INSERT INTO bots (model) VALUES ('claude-sonnet-4-20250514');\n",
      "INSERT INTO bots (model) VALUES ('claude-sonnet-5-5');\n",
    ],
    [
      'a list whose type states its length, once',
      'a.rs',
      'const M: [&str; 2] = ["claude-3-opus-20240229", "claude-sonnet-4-20250514"];\n',
      'const M: [&str; 3] = ["claude-3-opus-20240229", "claude-sonnet-5-5", "claude-sonnet-4-20250514"];\n',
    ],
    [
      'a call without brackets',
      'a.rb',
      'client.ask model: "claude-sonnet-4-0",\n           max_tokens: 9000,\n           temperature: 0.2\n',
      'client.ask model: "claude-sonnet-5-5",\n           max_tokens: 9000\n',
    ],
    [
      'pairs of Map.of, whose values are names',
      'A.java',
      'var m = Map.of("us", "us.anthropic.claude-sonnet-4-20250514-v1:0", "eu", "eu.anthropic.claude-sonnet-4-20250514-v1:0");\n',
      'var m = Map.of("us", "us.anthropic.claude-sonnet-5-5", "eu", "eu.anthropic.claude-sonnet-5-5");\n',
    ],
    [
      'variables of Kubernetes',
      'a.yaml',
      'env:\n  - name: CHAT_MODEL\n    value: claude-sonnet-4-20250514\n  - name: LLM_TEMPERATURE\n    value: "0.3"\n  - name: LOG_LEVEL\n    value: info\n',
      'env:\n  - name: CHAT_MODEL\n    value: claude-sonnet-5-5\n  - name: LOG_LEVEL\n    value: info\n',
    ],
    [
      'the settings of an agent of Claude Code',
      '.claude/agents/a.md',
      '---\nname: reviewer\nmodel: claude-sonnet-4-20250514\n---\nYou run on claude-sonnet-4-20250514.\n',
      '---\nname: reviewer\nmodel: claude-sonnet-5-5\n---\nYou run on claude-sonnet-4-20250514.\n',
    ],
    [
      'a file of a ConfigMap',
      'a.yaml',
      'data:\n  config.json: |\n    {"provider": "anthropic", "model": "claude-sonnet-4-20250514", "temperature": 0.1}\n',
      'data:\n  config.json: |\n    {"provider": "anthropic", "model": "claude-sonnet-5-5"}\n',
    ],
    [
      'a call of LiteLLM with the fallbacks of LiteLLM',
      'a.py',
      'litellm.completion(model="bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", messages=m, fallbacks=["gpt-4o"])\n',
      'litellm.completion(model="bedrock/us.anthropic.claude-sonnet-5-5", messages=m, fallbacks=["gpt-4o"])\n',
    ],
    [
      'a router of LiteLLM in code, whose own names stay',
      'a.py',
      'r = Router(model_list=[{"model_name": "claude-sonnet-4", "litellm_params": {"model": "anthropic/claude-sonnet-4-20250514"}}])\nr.completion(model="claude-sonnet-4", messages=m)\n',
      'r = Router(model_list=[{"model_name": "claude-sonnet-4", "litellm_params": {"model": "anthropic/claude-sonnet-5-5"}}])\nr.completion(model="claude-sonnet-4", messages=m)\n',
    ],
  ])('%s', (_, path, before, after) => {
    expect(migrate(path, before).text).toBe(after)
    expect(migrate(path, after).text).toBe(after)
  })
})

describe('is reported, and stays', () => {
  test.each([
    ['several names in one word list', 'a.rb', 'ALL = %w[claude-3-opus-20240229 claude-sonnet-4-20250514]\n'],
    ['several names in one string', 'a.env', 'MODELS=claude-3-opus-20240229,claude-sonnet-4-20250514\n'],
    [
      'the fallback of a command whose first model is the target',
      'a.sh',
      'claude --model claude-sonnet-5-5 --fallback-model claude-3-5-haiku-20241022\n',
    ],
    [
      'a deployment of LiteLLM with a price of its own',
      'a.yaml',
      'model_list:\n  - model_name: main\n    litellm_params:\n      model: anthropic/claude-sonnet-4-20250514\n    model_info:\n      input_cost_per_token: 0.0000021\n',
    ],
    ['a name that other code completes', 'a.py', 'BASE = "claude-sonnet-4"\nname = BASE + "-" + date\n'],
    [
      'a call of Converse with a forced tool',
      'a.py',
      'c.converse(modelId="us.anthropic.claude-sonnet-4-20250514-v1:0", messages=m, toolConfig={"tools": t, "toolChoice": {"any": {}}})\n',
    ],
    ['a name of nobody', 'a.py', 'MODEL = "claude-haiku-3"\n'],
    ['a name with the ending of Claude Code', 'a.json', '{ "model": "claude-sonnet-4-20250514[1m]" }\n'],
    ['a deployment of Foundry', 'a.cs', 'var deployment = "claude-opus-41-prod";\n'],
    ['a condition of SQL', 'a.sql', "SELECT 1 FROM calls WHERE model = 'claude-sonnet-4-20250514';\n"],
    [
      'a set that says what models can do',
      'a.ts',
      "const NO_PREFILL = new Set(['claude-opus-4-6'])\nconst can = (m) => !NO_PREFILL.has(m)\n",
    ],
    [
      'a section of TOML that is called after a model',
      'a.toml',
      '[prices."claude-sonnet-4-20250514"]\ninput = 3.0\n',
    ],
    ['a key of Map.of', 'A.java', 'var m = Map.of("claude-sonnet-4-20250514", 3.0);\n'],
    [
      'a price that nobody publishes',
      'a.ts',
      "const p = { id: 'x', list: [{ id: 'claude-sonnet-4-20250514', input: 2.9, output: 14 }] }\n",
    ],
  ])('%s', (_, path, text) => {
    const { findings, text: after } = migrate(path, text)

    expect(after).toBe(text)
    expect(findings.filter(({ severity }) => severity !== 'note')).not.toEqual([])
  })

  // A body has commas too, and a header inside it is no list of betas.
  test('a beta in a script of YAML', () => {
    const text = `run: |\n  curl -H 'anthropic-beta: output-128k-2025-02-19' -d '{"model": "claude-sonnet-4-5", "max_tokens": 9000}'\n`
    const { findings, text: after } = migrate('a.yaml', text)

    expect(after).toBe(text.replace('claude-sonnet-4-5', 'claude-sonnet-5-5'))
    expect(findings.filter(({ code }) => code === 'beta_idle')).toMatchObject([{ edit: null }])
  })

  test('defaults of a class beside its model', () => {
    const text =
      'class Settings:\n    model: str = "claude-sonnet-4-20250514"\n    temperature: float = 0.3\n'
    const { findings } = migrate('settings.py', text)

    expect(findings.map(({ code, edit }) => [code, edit?.after])).toEqual([
      ['model_retired', 'claude-sonnet-5-5'],
      ['sampling_setting', undefined],
    ])
  })

  // Claude Code's settings: a model of the Haiku class for background tasks (code.claude.com/docs/en/settings).
  test.each([
    ['.env', 'ANTHROPIC_SMALL_FAST_MODEL="claude-3-5-haiku-20241022"\n'],
    ['values.yaml', 'env:\n  - name: ANTHROPIC_DEFAULT_HAIKU_MODEL\n    value: claude-3-5-haiku-20241022\n'],
    ['settings.json', '{"env": {"ANTHROPIC_SMALL_FAST_MODEL": "claude-3-5-haiku-20241022"}}\n'],
  ])('the small model of Claude Code, unless the target is a Haiku: %s', (path, text) => {
    expect(migrate(path, text)).toMatchObject({ text, findings: [{ code: 'model_retired' }] })
    expect(migrate(path, text, 'claude-haiku-4-5').text).toContain('claude-haiku-4-5')
  })

  test('a client of Foundry in a file with clients of other clouds', () => {
    const call = (client: string, model: string) =>
      `${client}(r="x").messages.create(model="${model}", max_tokens=9000, messages=[])\n`
    const text =
      call('AnthropicFoundry', 'claude-opus-4-5') + call('AnthropicVertex', 'claude-opus-4@20250514')

    expect(migrate('a.py', text).text).toBe(text.replace('claude-opus-4@20250514', 'claude-sonnet-5-5'))
  })
})

describe('is no finding', () => {
  test.each([
    ['a file that is called after the day', 'a.py', 'name = f"{folder}/claude-{date.today():%Y%m%d}.md"\n'],
    ['the key of a cache', 'a.yml', 'key: claude-3-cache-${{ runner.os }}\n'],
    ['a name of a container', 'a.yml', 'services:\n  chat:\n    container_name: claude-chat\n'],
    [
      'a price of the past',
      'a.py',
      'PRICE_HISTORY = [("2024-03-04", "claude-3-opus-20240229", 15.0, 75.0)]\n',
    ],
    [
      'an assertion inside a program',
      'a.rs',
      '#[test]\nfn a() { assert_eq!(f("claude-3-opus-20240229"), 4); }\n',
    ],
    ['rules of an editor', '.cursorrules', 'Write claude-3-opus-20240229 in samples.\n'],
    ['rules of Cursor', '.cursor/rules/a.mdc', 'Write claude-3-opus-20240229 in samples.\n'],
    ['a migration of a database', 'db/migrate/1.sql', "UPDATE bots SET model = 'claude-3-opus-20240229';\n"],
  ])('%s', (_, path, text) => {
    expect(migrate(path, text).findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  })
})
