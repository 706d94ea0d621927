import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { catalogEntry, models, resolve } from '@anthology/catalog'
import { run } from '../console.ts'

const six = [
  'Claude Opus 4.1',
  'Claude Opus 4',
  'Claude Sonnet 4',
  'Claude Sonnet 3.7',
  'Claude Haiku 3.5',
  'Claude Haiku 3',
]

test('compares the six models of the page, one under the other in 80 columns', async () => {
  const { code, out } = await run(['models'])

  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => line.startsWith('Claude '))).toEqual(six)
  expect(widest(out)).toBeLessThanOrEqual(80)
  expect(out).toContain('  price   $0.25 in, $1.25 out; cache $0.30 for 5m, $0.50 for 1h, $0.03 hit')
})

test('compares them side by side in 140 columns, every row of the page there', async () => {
  const { out } = await run(['models'], { columns: 140 })
  const lines = out.split('\n')

  expect(lines[0]?.trim().split(/ {2,}/)).toEqual(six)
  expect(widest(out)).toBeLessThanOrEqual(140)
  expect(cells(lines, 'Extended thinking')).toEqual(['Yes', 'Yes', 'Yes', 'Yes', 'No', 'No'])
  expect(cells(lines, 'Priority Tier')).toEqual(['Yes', 'Yes', 'Yes', 'Yes', 'Yes', 'No'])
  expect(cells(lines, 'Latency')).toEqual([
    'Moderately Fast',
    'Moderately Fast',
    'Fast',
    'Fast',
    'Fastest',
    'Fast',
  ])
  expect(cells(lines, 'Context window')).toEqual(['200K', '200K', '200K / 1M (beta)', '200K', '200K', '200K'])
  expect(cells(lines, 'Training cut-off')).toEqual([
    'Mar 2025',
    'Mar 2025',
    'Mar 2025',
    'Nov 2024',
    'Jul 2024',
    'Aug 2023',
  ])
  expect(lines).toContain(
    'Claude Haiku 3.5   claude-3-5-haiku-20241022   claude-3-5-haiku-latest   $0.80        $1      $1.6      $0.08      $4',
  )
})

test.each([40, 80, 100, 128, 140, 200, 300])(
  'fits into %i columns, deprecated models too',
  async (columns) => {
    const { out } = await run(['models', '--all'], { columns })

    expect(widest(out)).toBeLessThanOrEqual(Math.max(columns, 60))
    expect(out).toContain('Claude Sonnet 3.5')
    expect(out).toContain('Claude Opus 3')
  },
)

test.each([
  ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['vertex', 'claude-3-haiku@20240307'],
  ['foundry', 'not offered on Foundry'],
])('shows the ids of %s', async (platform, id) => {
  const { out } = await run(['models', '--platform', platform])

  expect(out).toContain(id)
  expect(out).not.toContain('claude-3-haiku-20240307\n')
})

test('is bold and dim on a terminal with colour, with the same words, and nowhere else', async () => {
  const [plain, colored] = [await run(['models']), await run(['models'], { isTty: true, color: true })]

  expect(plain.out).not.toContain('\u001B')
  expect(colored.out).toContain('\u001B[1mClaude Opus 4.1\u001B[22m')
  expect(stripVTControlCharacters(colored.out)).toBe(plain.out)
})

test.each([
  'claude-sonnet-4-0',
  'Sonnet 4',
  'us.anthropic.claude-sonnet-4-20250514-v1:0',
  'claude-sonnet-4@20250514',
])('shows one model in full, called %s', async (name) => {
  const { code, out } = await run(['models', name])

  expect(code).toBe(0)
  expect(out).toMatch(/^Claude Sonnet 4/)
  expect(out).toContain('context-1m-2025-08-07')
  expect(out).toMatch(/Above 200,000 +\$6 in, \$22\.50 out/)
  expect(widest(out)).toBeLessThanOrEqual(80)
})

test('does not know a model of another name, and says which one may be meant', async () => {
  expect(await run(['models', 'claude-opus-4.1'])).toEqual({
    code: 1,
    out: '',
    err: 'anthology: no model is called "claude-opus-4.1"\nDid you mean claude-opus-4-1 or claude-opus-4-0 or claude-3-opus-latest?\n',
  })
})

test('asks which of the two when a name is both', async () => {
  const { code, err } = await run(['models', 'Sonnet 3.5'])

  expect(code).toBe(1)
  expect(err).toContain('claude-3-5-sonnet-20241022 or claude-3-5-sonnet-20240620')
})

test('prints control characters of a name as escapes', async () => {
  const { err } = await run(['models', '\u001B[2Jx'])

  expect(err).not.toContain('\u001B')
})

test('prints every model as JSON, with or without --all', async () => {
  for (const argv of [
    ['models', '--json'],
    ['models', '--json', '--all'],
  ]) {
    const { code, out } = await run(argv)

    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(models.map((model) => catalogEntry(model)))
  }
})

test('prints an array of one for a name', async () => {
  const { out } = await run(['models', 'claude-opus-4-1', '--json', '--as-of', '2025-08-15'])
  const found = resolve('claude-opus-4-1')

  expect(JSON.parse(out)).toEqual(found.ok ? [catalogEntry(found.model, { asOf: '2025-08-15' })] : [])
})

test('judges the lifecycle by the day of --as-of', async () => {
  const [then, later] = [
    await run(['models', '--as-of', '2025-08-15']),
    await run(['models', '--as-of', '2026-11-22']),
  ]

  expect(then.out).not.toContain('retired')
  expect(later.out).toContain('status  retired 2026-08-05')
})

test.each([
  [['models', 'a', 'b'], 'one model at a time'],
  [['models', '--platform', 'azure'], 'there is no platform "azure"'],
  [['models', '--as-of', 'yesterday'], '--as-of takes a day, not "yesterday"'],
])('calls %j wrong use', async (argv, problem) => {
  const { code, err } = await run(argv)

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length))
}

function cells(lines: readonly string[], label: string): readonly string[] {
  const line = lines.find((each) => each.startsWith(label)) ?? ''
  return line.slice(label.length).trim().split(/ {2,}/)
}
