import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { catalogEntry, getLifecycle, models, resolve } from '@anthology/catalog'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const six = [
  'Claude Opus 4.1',
  'Claude Opus 4',
  'Claude Sonnet 4',
  'Claude Sonnet 3.7',
  'Claude Haiku 3.5',
  'Claude Haiku 3',
]

/** The date of the page. */
const then = ['--as-of', '2025-08-15']

const now = ['--as-of', '2026-11-22']

test('compares the six models of the page, stacked in 80 columns', async () => {
  const { code, out } = await run(['models', ...then])

  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => line.startsWith('Claude '))).toEqual(six)
  expect(widest(out)).toBeLessThanOrEqual(80)
  expect(out).toContain('  price   $0.25 in, $1.25 out; cache $0.30 for 5m, $0.50 for 1h, $0.03 hit')
})

test('compares them side by side in 140 columns, with every row of the page', async () => {
  const { out } = await run(['models', ...then], { columns: 140 })
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
  'fits into %i columns, including deprecated models',
  async (columns) => {
    const { out } = await run(['models', '--all'], { columns })

    expect(widest(out)).toBeLessThanOrEqual(Math.max(columns, 60))
    expect(out).toContain('Sonnet 3.5 (Old)')
    expect(out).toContain('Opus 3')
    expect(out).toContain('claude-opus-5-5')
  },
)

test.each([
  ['bedrock', 'anthropic.claude-opus-4-5-20251101-v1:0'],
  ['vertex', 'claude-opus-4-5@20251101'],
  ['foundry', 'claude-opus-4-5'],
])('shows the models that are offered on %s, with their ids there', async (platform, id) => {
  const { code, out } = await run(['models', '--platform', platform, ...now])

  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^Opus 4\\.5 +${id.replaceAll('.', '\\.')} `, 'm'))
  expect(out).not.toMatch(/^Haiku 3 /m)
})

test('shows the models that are active on a day, one line each if there are many', async () => {
  const { code, out } = await run(['models', ...now], { columns: 140 })
  const lines = out.split('\n')

  expect(code).toBe(0)
  // All models released after the page except Mythos Preview and Sonnet 4.5, which are deprecated.
  expect(lines.filter((line) => / claude-/.test(line))).toHaveLength(17)
  expect(lines.find((line) => line.startsWith('Opus 5.5 '))?.split(/ {2,}/)).toEqual([
    'Opus 5.5',
    'claude-opus-5-5',
    'active',
    '1M',
    '128K',
    '$4',
    '$20',
    '$5',
    '$8',
    '$0.20',
    'Jun 2026',
    'Moderate',
  ])
})

test('omits columns that do not fit, but never the id', async () => {
  const heads = await Promise.all(
    [40, 80, 120].map(async (columns) => (await run(['models', ...now], { columns })).out.split('\n')[0]),
  )

  expect(heads.map((head) => head?.trim().split(/ {2,}/))).toEqual([
    ['MODEL', 'ID'],
    ['MODEL', 'ID', 'STATUS', 'CONTEXT', 'IN', 'OUT'],
    ['MODEL', 'ID', 'STATUS', 'CONTEXT', 'MAX OUT', 'IN', 'OUT', '5M WRITE', 'CACHE HIT', 'TRAINED TO'],
  ])
})

test.each([
  [
    ['--family', 'haiku'],
    ['claude-haiku-5-5', 'claude-haiku-4-5-20251001'],
  ],
  [['--family', 'sonnet', '--status', 'deprecated'], ['claude-sonnet-4-5-20250929']],
  [
    ['--can', 'fast'],
    ['claude-fable-5-2', 'claude-mythos-5-2', 'claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8'],
  ],
  [
    ['--can', 'prefill', '--can', 'structured_outputs'],
    ['claude-opus-4-5-20251101', 'claude-haiku-4-5-20251001'],
  ],
])('filters by %j', async (flags, ids) => {
  const { code, out } = await run(['models', ...flags, ...now, '--json', '--status', statusIn(flags)])

  expect(code).toBe(0)
  expect((JSON.parse(out) as { id: string }[]).map(({ id }) => id)).toEqual(ids)
})

test('exits with 1 if no model matches', async () => {
  const { code, err } = await run(['models', '--family', 'haiku', '--can', 'fast', ...now])

  expect(code).toBe(1)
  expect(err).toContain('no model matches')
})

test('puts several named models side by side', async () => {
  const { code, out } = await run(['models', 'claude-opus-5-5', 'Opus 4.8', ...now])

  expect(code).toBe(0)
  expect(out.split('\n')[0]?.trim().split(/ {2,}/)).toEqual(['Claude Opus 5.5', 'Claude Opus 4.8'])
  expect(widest(out)).toBeLessThanOrEqual(80)
})

test('accepts a name without quotes', async () => {
  const { out } = await run(['models', 'Sonnet', '4', ...now])

  expect(out).toMatch(/^Claude Sonnet 4 /)
})

test('shows the prices and betas of the day', async () => {
  const [before, after] = [
    await run(['models', 'claude-sonnet-5-5', 'claude-opus-5-5', '--as-of', '2026-10-06']),
    await run(['models', 'claude-sonnet-5-5', 'claude-opus-5-5', '--as-of', '2026-10-07']),
  ]

  expect(before.out).toMatch(/Claude Sonnet 5\.5 .* \$0\.20 +\$10/)
  expect(after.out).toMatch(/Claude Sonnet 5\.5 .* \$0\.10 +\$10/)
})

test('prints the changes between two editions of catalog.json', async () => {
  const folder = temporaryFolder()
  const edition = (window: number) => ({ models: [{ id: 'claude-x', context_window: { tokens: window } }] })
  writeFileSync(join(folder, 'old.json'), JSON.stringify(edition(200_000)))
  writeFileSync(join(folder, 'new.json'), JSON.stringify(edition(1_000_000)))

  const [changed, same] = [
    await run(['models', '--diff', 'old.json', 'new.json'], { cwd: folder }),
    await run(['models', '--diff', 'old.json', 'old.json'], { cwd: folder }),
  ]

  expect(changed.out).toMatch(/^- claude-x: context_window\.tokens .*1000000.*200000/)
  expect(same.out).toBe('No changes.\n')
})

test('uses bold and dim only on a terminal with colour, with the same text', async () => {
  const [plain, colored] = [
    await run(['models', ...then]),
    await run(['models', ...then], { isTty: true, color: true }),
  ]

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

test('rejects an unknown name, and suggests a model', async () => {
  expect(await run(['models', 'claude-opus-41'])).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(
      /^anthology: there is no model "claude-opus-41"\nDid you mean claude-opus-4-1 or /,
    ),
  })
})

test('rejects an ambiguous name, and suggests both models', async () => {
  const { code, err } = await run(['models', 'Sonnet 3.5'])

  expect(code).toBe(1)
  expect(err).toContain('claude-3-5-sonnet-20241022 or claude-3-5-sonnet-20240620')
})

test('prints control characters of a name as escapes', async () => {
  const { err } = await run(['models', '\u001B[2Jx'])

  expect(err).not.toContain('\u001B')
})

test.each([
  [[]],
  [['--all']],
  [['--family', 'opus']],
  [['--status', 'deprecated']],
  [['--platform', 'bedrock', '--all']],
  [then],
  [[...then, '--all']],
  [['--as-of', '2026-02-01', '--can', 'effort']],
])('prints the same models as JSON as in the table, with %j', async (flags) => {
  const [table, json] = [await run(['models', ...flags]), await run(['models', '--json', ...flags])]
  const listed = (JSON.parse(json.out) as { id: string }[]).map(({ id }) => id)
  const shown = models.filter(({ displayName }) => {
    const name = displayName.replace('Claude ', '')
    return new RegExp(`^(?:Claude )?${name.replaceAll(/[.()]/g, '\\$&')}(?:$| {2})`, 'm').test(table.out)
  })

  expect(json.code).toBe(0)
  expect(listed).toEqual(shown.map(({ id }) => id))
})

test('prints a model as JSON with its facts of the day', async () => {
  const { out } = await run(['models', '--json', '--all', ...now])

  expect(JSON.parse(out)).toEqual(models.map((model) => catalogEntry(model, { asOf: '2026-11-22' })))
})

test('prints the page of August 2025: the ids of the clouds, the prices of deprecated models, its notes', async () => {
  const { out } = await run(['models', ...then], { columns: 140 })
  const text = out.replaceAll(/\s+/g, ' ')

  expect(out).toMatch(
    /^Claude Opus 4\.1 +anthropic\.claude-opus-4-1-20250805-v1:0 +claude-opus-4-1@20250805$/m,
  )
  expect(out).not.toContain('Foundry')
  const prices = out.split('\n').filter((line) => line.includes('$'))
  expect(prices.map((line) => line.split(/ {2,}/)[0])).toEqual([
    'Claude Opus 4.1',
    'Claude Opus 4',
    'Claude Sonnet 4',
    'Claude Sonnet 3.7',
    'Claude Sonnet 3.5',
    'Claude Haiku 3.5',
    'Claude Opus 3',
    'Claude Haiku 3',
  ])
  expect(prices[4]).toMatch(/\(deprecated\) +\$3 +\$3\.75 +\$6 +\$0\.30 +\$15$/)
  expect(prices[6]).toMatch(/\(deprecated\) +\$15 +\$18\.75 +\$30 +\$1\.50 +\$75$/)
  for (const words of ['~150K words, ~680K', '~215K', '~100', '109K']) expect(out).toContain(words)
  for (const note of [
    'Does not allow both `temperature` and `top_p`',
    'up to the end of October 2024',
    'Supports a 1M token context window with the `context-1m-2025-08-07` beta header',
    'Long context pricing applies to requests exceeding 200K tokens.',
    'The beta header `output-128k-2025-02-19` raises the maximum output to 128k tokens',
    'An alias has the rate limits and the prices of the model that it points to.',
    'Models with the same snapshot date are identical on all platforms',
  ])
    expect(text).toContain(note)
})

test('prints the same facts of the page in 80 columns', async () => {
  const { out } = await run(['models', ...then])
  const text = out.replaceAll(/\s+/g, ' ')

  expect(text).toContain(
    'anthropic.claude-3-haiku-20240307-v1:0 on AWS Bedrock, claude-3-haiku@20240307 on Vertex AI',
  )
  expect(text).toContain('Claude Opus 3 (deprecated) price $15 in, $75 out')
  expect(text).toContain('~150K words, ~215K unicode characters')
})

test('shows nothing that was not known on the day, for any model, in text and in JSON', async () => {
  for (const asOf of ['2024-11-01', '2025-08-15', '2026-02-10', '2026-06-20', '2026-11-10']) {
    const released = models.filter(({ lifecycle }) => lifecycle.anthropic.released <= asOf)
    // The days that were published by then: announced retirements, and days before which there is none.
    const published = new Set(
      released.flatMap((model) =>
        (['anthropic', 'bedrock', 'vertex', 'foundry'] as const).flatMap((platform) => {
          const { retired, notBefore } = getLifecycle(model, platform, asOf)
          return [retired, notBefore]
        }),
      ),
    )
    const outputs = [
      ['models'],
      ['models', '--json', '--all'],
      ...released.map(({ id }) => ['models', id]),
    ].map(async (argv) => (await run([...argv, '--as-of', asOf])).out)
    for (const out of await Promise.all(outputs)) {
      const days = [...out.matchAll(/\b20\d{2}-\d{2}-\d{2}\b/g)].map(([day]) => day)
      expect(days.filter((day) => day > asOf && !published.has(day))).toEqual([])
      for (const { id } of models.filter(({ lifecycle }) => lifecycle.anthropic.released > asOf))
        expect(out).not.toMatch(new RegExp(`(?<![\\w.-])${id}(?![\\w-])`))
    }
  }
})

test('has no model before its release', async () => {
  expect(await run(['models', 'claude-opus-5', ...then])).toEqual({
    code: 1,
    out: '',
    err: 'anthology: Claude Opus 5 was not released on 2025-08-15\nIt was released on 2026-07-24.\n',
  })
})

test('prints an array of one for a name', async () => {
  const { out } = await run(['models', 'claude-opus-4-1', '--json', '--as-of', '2025-08-15'])
  const found = resolve('claude-opus-4-1')

  expect(JSON.parse(out)).toEqual(found.ok ? [catalogEntry(found.model, { asOf: '2025-08-15' })] : [])
})

test('applies --as-of to the lifecycle', async () => {
  const [early, late] = [
    await run(['models', 'Opus 4.1', ...then]),
    await run(['models', 'Opus 4.1', ...now]),
  ]

  expect(early.out).toMatch(/Status +active/)
  expect(late.out).toMatch(/Status +retired/)
  expect(late.out).toMatch(/Replacement +claude-opus-4-8/)
})

test.each([
  [['models', '--diff', 'a.json'], '--diff needs two files'],
  [['models', '--family', 'gpt'], '--family cannot be "gpt"'],
  [['models', '--can', 'fly'], '--can cannot be "fly"'],
  [['models', '--platform', 'azure'], 'there is no platform "azure"'],
  [['models', '--as-of', 'yesterday'], '--as-of must be a day, not "yesterday"'],
])('reports %j as wrong use', async (argv, problem) => {
  const { code, err } = await run(argv)

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

/** Without a status filter only active models are listed. */
function statusIn(flags: readonly string[]): string {
  return flags[flags.indexOf('--status') + 1] === 'deprecated' ? 'deprecated' : 'active'
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length))
}

function cells(lines: readonly string[], label: string): readonly string[] {
  const line = lines.find((each) => each.startsWith(label)) ?? ''
  return line.slice(label.length).trim().split(/ {2,}/)
}
