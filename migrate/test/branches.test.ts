import { resolve } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'

// Members that a request has under a condition, or that statements set after the object was made.

function migrate(path: string, text: string, to = 'claude-opus-5-5') {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  const { findings, text: after } = migrateText(path, text, { target: found.model, day: '2026-11-29' })
  return { after, codes: findings.map(({ code }) => code) }
}

const ask = (members: string) =>
  `ask = () => client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9000, messages, ${members} })\n`
const asked = (members: string) => ask(members).replace('claude-sonnet-4-5', 'claude-opus-5-5')

describe('is edited with its request', () => {
  test.each([
    [
      'a spread condition',
      'a.ts',
      ask("...(deep ? { thinking: { type: 'enabled', budget_tokens: 2000 } } : { temperature: 0.2 })"),
      asked("...(deep ? { thinking: { type: 'adaptive' } } : {})"),
    ],
    [
      'two spread objects, each with the parameter',
      'a.ts',
      ask('...(deep && { top_k: 3 }), ...(!deep && { top_k: 9 })'),
      asked('...(deep && {}), ...(!deep && {})'),
    ],
    [
      'a conditional value',
      'a.ts',
      ask("thinking: deep ? { type: 'enabled', budget_tokens: 2000 } : undefined"),
      asked("thinking: deep ? { type: 'adaptive' } : undefined"),
    ],
    [
      'conditional options of a provider',
      'a.ts',
      "generateText({ model: anthropic('claude-sonnet-4-5'), prompt, providerOptions: deep ? { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } } : {} })\n",
      "generateText({ model: anthropic('claude-opus-5-5'), prompt, providerOptions: deep ? { anthropic: { thinking: { type: 'adaptive' } } } : {} })\n",
    ],
    [
      'a conditional dictionary',
      'a.py',
      'client.messages.create(model="claude-sonnet-4-5", max_tokens=9000, messages=m, **({"top_k": 5} if fast else {}))\n',
      'client.messages.create(model="claude-opus-5-5", max_tokens=9000, messages=m, **({} if fast else {}))\n',
    ],
    [
      'a statement',
      'a.py',
      'def ask():\n    kw = {"model": "claude-sonnet-4-5", "max_tokens": 9000, "messages": m}\n    if deep:\n        kw["thinking"] = {"type": "enabled", "budget_tokens": 2000}\n        kw["max_tokens"] = 200000\n    return c.messages.create(**kw)\n',
      'def ask():\n    kw = {"model": "claude-opus-5-5", "max_tokens": 9000, "messages": m}\n    if deep:\n        kw["thinking"] = {"type": "adaptive"}\n        kw["max_tokens"] = 128000\n    return c.messages.create(**kw)\n',
    ],
    [
      'an update',
      'a.py',
      'kw = dict(model="claude-sonnet-4-5", max_tokens=9000, messages=m)\nkw.update(temperature=0.2, stream=True)\nc.messages.create(**kw)\n',
      'kw = dict(model="claude-opus-5-5", max_tokens=9000, messages=m)\nkw.update(stream=True)\nc.messages.create(**kw)\n',
    ],
    [
      'a statement of PHP',
      'a.php',
      "<?php\n$b = ['model' => 'claude-sonnet-4-5', 'max_tokens' => 9000];\n$b['thinking'] = ['type' => 'enabled', 'budget_tokens' => 2000];\n",
      "<?php\n$b = ['model' => 'claude-opus-5-5', 'max_tokens' => 9000];\n$b['thinking'] = ['type' => 'adaptive'];\n",
    ],
  ])('%s', (_, path, before, after) => {
    expect(migrate(path, before).after).toBe(after)
    expect(migrate(path, after)).toMatchObject({ after, codes: [] })
  })
})

describe('keeps the model, because the statement cannot be removed', () => {
  test.each([
    [
      'a.py',
      'kw = {"model": "claude-sonnet-4-5", "max_tokens": 9000}\nif warm:\n    kw["temperature"] = 0.9\nelse:\n    kw["temperature"] = 0.1\n',
      'temperature_fixed',
    ],
    [
      'a.py',
      'extra = {}\nif t is not None:\n    extra["temperature"] = t\nc.messages.create(model="claude-sonnet-4-5", max_tokens=9000, messages=m, **extra)\n',
      'temperature_computed',
    ],
    [
      'a.ts',
      "const p: Params = { model: 'claude-sonnet-4-5', max_tokens: 9000, messages }\nif (k) p.top_k = k\n",
      'top_k_computed',
    ],
    ['a.ts', ask("tool_choice: force ? { type: 'any' } : { type: 'auto' }"), 'forced_tool_unsupported'],
    ['a.rb', 'p = { model: "claude-sonnet-4-5", max_tokens: 9000 }\np[:top_p] = 0.2 if x\n', 'top_p_fixed'],
    [
      'a.go',
      'p := anthropic.MessageNewParams{\n\tModel: "claude-sonnet-4-5",\n\tMaxTokens: 9000,\n}\nif hot {\n\tp.Temperature = anthropic.Float(0.9)\n}\n',
      'temperature_fixed',
    ],
    [
      'A.java',
      'var b = MessageCreateParams.builder()\n    .model("claude-sonnet-4-5")\n    .maxTokens(9000L);\nif (hot) {\n  b.temperature(0.9);\n}\n',
      'temperature_fixed',
    ],
  ])('%s: %s', (path, text, code) => {
    const { after, codes } = migrate(path, text)

    expect(after).toBe(text)
    expect(codes).toContain(code)
  })
})

test('leaves a variable of the same name in another function alone', () => {
  const text =
    'def ask():\n    kw = {"model": "claude-sonnet-4-5", "max_tokens": 9000}\n    return c.messages.create(**kw)\n\ndef other():\n    kw["temperature"] = 0.2\n'

  expect(migrate('a.py', text).after).toBe(text.replace('claude-sonnet-4-5', 'claude-opus-5-5'))
})
