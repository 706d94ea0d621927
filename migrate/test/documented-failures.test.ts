import { models, resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'

// The five failures that other tools were seen to make with such files: each is a test here.

const day = '2026-11-29'

const prices = `PRICES = {
    "claude-opus-4-20250514": {"input": 15.00, "output": 75.00},
    "claude-opus-4-1-20250805": {"input": 15.00, "output": 75.00},
}
`

const call = `import anthropic

client = anthropic.Anthropic()


def ask(model, question):
    if model.startswith("claude-3-7"):
        limit = 64000
    return client.messages.create(
        model="claude-3-7-sonnet-20250219",
        max_tokens=1000,
        temperature=0.2,
        top_p=0.9,
        messages=[
            {"role": "user", "content": question},
            {"role": "assistant", "content": "{"},
        ],
    )
`

test('a price map gets one new entry with the price of the target, and no key twice', () => {
  const { text } = move('prices.py', prices, 'claude-opus-4-8')

  expect(text).toBe(
    prices.replace('75.00},\n', '75.00},\n    "claude-opus-4-8": {"input": 5.00, "output": 25.00},\n'),
  )
})

test('a call with sampling parameters and a prefill is not moved to a model that refuses them', () => {
  const { text, findings } = move('ask.py', call, 'claude-sonnet-4-6')

  expect(text).toBe(call)
  expect(findings.map(({ code, severity, edit }) => [code, severity, edit])).toEqual([
    ['gate_changes_side', 'changes', null],
    ['model_retired', 'breaks', null],
    ['temperature_and_top_p', 'breaks', null],
    ['prefill_unsupported', 'breaks', null],
  ])
})

test('a call without the prefill is moved, and loses the parameter that the target refuses', () => {
  const without = call.replace(/ {12}\{"role": "assistant".*\n/, '')

  expect(move('ask.py', without, 'claude-sonnet-4-6').text).toBe(
    without.replace('claude-3-7-sonnet-20250219', 'claude-sonnet-4-6').replace('        top_p=0.9,\n', ''),
  )
})

test('a prefix check that takes another branch after the move is reported with its place', () => {
  const gate = move('ask.py', call, 'claude-sonnet-4-6').findings.find(({ class: kind }) => kind === 'gate')

  expect(gate).toMatchObject({ line: 7, text: 'claude-3-7', code: 'gate_changes_side', severity: 'changes' })
  expect(gate?.message).toContain('false for claude-sonnet-4-6')
})

test('without a target every model moves to the replacement of the newest page', () => {
  const source = 'MODEL = "claude-sonnet-4-20250514"\n'

  expect(migrateText('a.py', source, { target: null, day }).text).toBe('MODEL = "claude-sonnet-5-5"\n')
})

test('a changelog and the names of other things are not findings that fail a run', () => {
  const quiet = [
    ['CHANGELOG.md', '- uses claude-3-5-sonnet-20241022\n'],
    ['.github/workflows/a.yml', 'uses: anthropics/claude-code-action@v1\n'],
    ['a.ts', "const beta = 'claude-code-20250219'\nconst file = `claude-${id}.json`\nimport 'claude-mem'\n"],
  ] as const

  for (const [path, text] of quiet)
    expect(
      move(path, text, 'claude-opus-5-5').findings.filter(({ severity }) => severity !== 'note'),
    ).toEqual([])
})

test('no model is the target of an edit that the same run would refuse', () => {
  for (const target of models) {
    const once = migrateText('ask.py', call, { target, day })

    expect(migrateText('ask.py', once.text, { target, day }).text).toBe(once.text)
  }
})

function move(path: string, text: string, to: string) {
  const found = resolve(to)
  if (!found.ok) throw new Error(`no model ${to}`)
  return migrateText(path, text, { target: found.model, day })
}
