import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { run } from '../console.ts'
import type { Run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const day = ['--as-of', '2026-11-29']
const call =
  'client.messages.create(model="claude-3-7-sonnet-20250219", max_tokens=10, temperature=0.5, messages=[])\n'
const moved = 'client.messages.create(model="claude-opus-5-5", max_tokens=10, messages=[])\n'

describe('anthology migrate', () => {
  test('prints a diff and writes nothing', async () => {
    const folder = createTree({ 'src/ask.py': call })

    const { code, out } = await runIn(folder, ['migrate', '.', '--to', 'claude-opus-5-5', ...day])

    expect(code).toBe(0)
    expect(out).toContain(`-${call}+${moved}`)
    expect(out).toContain('Nothing was written')
    expect(read(folder, 'src/ask.py')).toBe(call)
  })

  test('writes into a clean git tree, and a second run finds nothing to do', async () => {
    const folder = createTree({ 'src/ask.py': call })
    commit(folder)

    const first = await runIn(folder, ['migrate', '.', '--to', 'claude-opus-5-5', '--write', ...day])

    expect(first.code).toBe(0)
    expect(read(folder, 'src/ask.py')).toBe(moved)
    commit(folder)
    const second = await runIn(folder, ['migrate', '.', '--to', 'claude-opus-5-5', '--json', ...day])
    expect(JSON.parse(second.out)).toMatchObject({ findings: [], summary: { edits: 0 } })
  })

  test('refuses to write over changes, and without git, unless it is forced', async () => {
    const folder = createTree({ 'ask.py': call })
    const argv = ['migrate', '.', '--to', 'claude-opus-5-5', '--write', ...day]

    expect(await runIn(folder, argv)).toMatchObject({ code: 1, err: expect.stringContaining('--force') })
    commit(folder)
    writeFileSync(join(folder, 'ask.py'), `# changed\n${call}`)
    expect(await runIn(folder, argv)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not committed'),
    })
    expect((await runIn(folder, [...argv, '--force'])).code).toBe(0)
    expect(read(folder, 'ask.py')).toBe(`# changed\n${moved}`)
  })

  test('exits with 1 if a call needs a decision, and leaves it alone', async () => {
    const forced = call.replace('temperature=0.5', 'tool_choice={"type": "any"}')
    const folder = createTree({ 'ask.py': forced })

    const { code, out } = await runIn(folder, [
      'migrate',
      '.',
      '--to',
      'claude-opus-5-5',
      '--write',
      '--force',
      ...day,
    ])

    expect(code).toBe(1)
    expect(out).toContain('need a decision')
    expect(read(folder, 'ask.py')).toBe(forced)
  })

  test('prints findings with the members that tools read', async () => {
    const folder = createTree({ 'ask.py': call })

    const { out } = await runIn(folder, ['migrate', '.', '--to', 'claude-opus-5-5', '--json', ...day])

    const { findings } = JSON.parse(out) as { findings: unknown[] }
    expect(findings[0]).toMatchObject({
      path: 'ask.py',
      line: 1,
      column: 31,
      text: 'claude-3-7-sonnet-20250219',
      model: 'claude-3-7-sonnet-20250219',
      platform: 'anthropic',
      class: 'call',
      code: 'model_retired',
      severity: 'breaks',
      edit: { before: 'claude-3-7-sonnet-20250219', after: 'claude-opus-5-5' },
    })
  })

  test('leaves ignored, vendored, binary and large files alone, and reads hidden folders', async () => {
    const folder = createTree({
      '.gitignore': 'ignored/\n!ignored/kept.py\n*.tmp.py\n',
      '.anthologyignore': 'old/\n',
      'ignored/a.py': call,
      'x.tmp.py': call,
      'old/a.py': call,
      'node_modules/a/a.py': call,
      '.github/workflows/a.yml': 'run: claude --model claude-3-7-sonnet-20250219\n',
      'large.py': `${call}${'#'.repeat(1_000_001)}`,
      'binary.py': `${call}\0`,
    })

    const { out } = await runIn(folder, ['lint', '.', '--json', ...day])

    const { findings, summary } = JSON.parse(out) as Printed
    expect(findings.map(({ path }) => path)).toEqual(['.github/workflows/a.yml'])
    expect(summary.files).toMatchObject({ binary: 1, large: 1 })
  })

  test('finds in a large tree, which several threads judge, what it finds in its folders', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `f${Math.floor(index / 100)}/a${index}.py`)
    const folder = createTree(
      Object.fromEntries(names.map((name) => [name, hasCall(name) ? call : 'x = 1\n'])),
    )

    const { out } = await runIn(folder, [
      'migrate',
      '.',
      '--to',
      'claude-opus-5-5',
      '--json',
      '--write',
      '--force',
      ...day,
    ])

    const { findings, summary } = JSON.parse(out) as Printed
    const paths = [...new Set(findings.map(({ path }) => path))]
    expect(paths).toEqual(names.filter(hasCall).sort())
    expect(summary.files).toMatchObject({ read: 3000 })
    expect(names.filter(hasCall).every((name) => read(folder, name) === moved)).toBe(true)
  })

  test('moves a constant together with the calls of other files, or neither', async () => {
    const models = 'MODEL = "claude-3-7-sonnet-20250219"\n'
    const using = (more: string) =>
      `from models import MODEL\nclient.messages.create(model=MODEL, max_tokens=10, ${more}messages=[])\n`
    const folder = createTree({
      'one/models.py': models,
      'one/ask.py': using('temperature=0.5, '),
      'two/models.py': models,
      'two/ask.py': using('tool_choice={"type": "any"}, '),
    })

    const argv = ['migrate', '.', '--to', 'claude-opus-5-5', '--write', '--force', ...day]
    expect((await runIn(folder, argv)).code).toBe(1)

    expect(read(folder, 'one/models.py')).toBe('MODEL = "claude-opus-5-5"\n')
    expect(read(folder, 'one/ask.py')).toBe(using(''))
    expect(read(folder, 'two/models.py')).toBe(models)
    expect(read(folder, 'two/ask.py')).toBe(using('tool_choice={"type": "any"}, '))
  })

  test('keeps to the files of --only, --exclude and --since', async () => {
    const folder = createTree({ 'a/one.py': call, 'b/two.py': call })
    commit(folder)
    writeFileSync(join(folder, 'b/three.py'), call)

    expect(await listPaths(folder, ['--only', 'a/'])).toEqual(['a/one.py'])
    expect(await listPaths(folder, ['--exclude', '*.py'])).toEqual([])
    expect(await listPaths(folder, ['--since', 'HEAD'])).toEqual(['b/three.py'])
    expect(await runIn(folder, ['lint', '.', '--since', 'nothing'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('git finds no commit "nothing"'),
    })
  })

  test('moves only the models of --from', async () => {
    const folder = createTree({
      'a.py': 'A = "claude-3-5-haiku-20241022"\nB = "claude-3-7-sonnet-20250219"\n',
    })

    await runIn(folder, [
      'migrate',
      '.',
      '--to',
      'claude-sonnet-5-5',
      '--from',
      'sonnet',
      '--write',
      '--force',
      ...day,
    ])

    expect(read(folder, 'a.py')).toBe('A = "claude-3-5-haiku-20241022"\nB = "claude-sonnet-5-5"\n')
  })

  test('needs a target and a folder', async () => {
    expect(await run(['migrate', '.'])).toMatchObject({ code: 2, err: expect.stringContaining('target') })
    expect(await run(['migrate', '--to', 'claude-opus-5-5'])).toMatchObject({ code: 2 })
  })
})

describe('the files for CI', () => {
  test.each([
    ['github-workflow.yml', /npx @anthology\/cli (lint .*)/],
    ['pre-commit-config.yaml', /npx @anthology\/cli (lint .*)/],
  ])('%s has a command that finds a retired model', async (name, pattern) => {
    const file = readFileSync(join(import.meta.dirname, '../../../docs/ci', name), 'utf8')
    const argv = pattern.exec(file)?.[1]?.split(' ') ?? []
    const folder = createTree({ 'ask.py': '\n' })
    commit(folder)
    const before = await runIn(folder, [...argv, ...day])
    writeFileSync(join(folder, 'ask.py'), call)

    expect(() => parse(file)).not.toThrow()
    expect(before.code).toBe(0)
    expect(await runIn(folder, [...argv, ...day])).toMatchObject({
      code: 1,
      out: expect.stringContaining('claude-3-7-sonnet-20250219'),
    })
  })
})

describe('anthology lint', () => {
  test('exits with 1 for a retired model, and with 0 for one in service', async () => {
    const old = createTree({ 'a.py': 'MODEL = "claude-3-7-sonnet-20250219"\n' })
    const current = createTree({ 'a.py': 'MODEL = "claude-opus-5-5"\n' })

    expect((await runIn(old, ['lint', '.', ...day])).code).toBe(1)
    expect((await runIn(current, ['lint', '.', ...day])).code).toBe(0)
  })

  test('counts a retirement only if it is near enough', async () => {
    const folder = createTree({ 'a.py': 'MODEL = "claude-sonnet-4-5-20250929"\n' })

    expect((await runIn(folder, ['lint', '.', '--fail-within', '90d', ...day])).code).toBe(1)
    expect((await runIn(folder, ['lint', '.', '--fail-within', '5d', '--as-of', '2026-10-15'])).code).toBe(0)
  })

  test('leaves out what a comment ignores until its day', async () => {
    const folder = createTree({
      'a.py': 'MODEL = "claude-3-opus-20240229"  # anthology-ignore until=2026-12-31\n',
    })

    expect((await runIn(folder, ['lint', '.', ...day])).code).toBe(0)
    expect((await runIn(folder, ['lint', '.', '--as-of', '2026-12-31'])).code).toBe(1)
  })

  test('leaves out what a baseline lists, and reports what is new', async () => {
    const folder = createTree({ 'a.py': 'MODEL = "claude-3-opus-20240229"\n' })
    const baseline = join(folder, 'baseline.json')

    await runIn(folder, ['lint', '.', '--write-baseline', baseline, ...day])
    expect((await runIn(folder, ['lint', '.', '--baseline', baseline, ...day])).code).toBe(0)
    writeFileSync(join(folder, 'b.py'), 'MODEL = "claude-3-opus-20240229"\n')
    expect((await runIn(folder, ['lint', '.', '--baseline', baseline, ...day])).code).toBe(1)
  })
})

interface Printed {
  readonly findings: readonly { readonly path: string }[]
  readonly summary: { readonly files: object }
}

async function listPaths(folder: string, argv: readonly string[]): Promise<readonly string[]> {
  const { out } = await runIn(folder, ['lint', '.', '--json', ...argv, ...day])
  const { findings } = JSON.parse(out) as Printed
  return [...new Set(findings.map(({ path }) => path))]
}

/** Every tenth file has a call. */
function hasCall(name: string): boolean {
  return name.endsWith('7.py')
}

function runIn(folder: string, argv: readonly string[]): Promise<Run> {
  return run(argv, { cwd: folder })
}

function createTree(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

function commit(folder: string): void {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: folder,
      stdio: 'ignore',
    })
  git('init')
  git('add', '-A')
  git('commit', '-m', 'a')
}

function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}
