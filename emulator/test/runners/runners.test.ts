import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

const repository = join(import.meta.dirname, '../../..')
const examples = 'emulator/test/runners/examples'

describe('in vitest', () => {
  test('tests get a port and a clean emulator each, and a scenario that is used passes', () => {
    const { status, results } = runVitest(['vitest-used'])

    expect(status).toBe(0)
    expect(results.map(({ status: result }) => result)).toEqual(['passed', 'passed'])
  })

  test('an unmatched call and an unused added rule fail their test, and unused rules fail the file', () => {
    const { status, results, output } = runVitest(['vitest-unused'])

    expect(status).toBe(1)
    expect(results).toEqual([
      { title: 'uses one rule', status: 'passed', message: '' },
      {
        title: 'sends a call that no rule matches',
        status: 'failed',
        message: expect.stringContaining('No rule of the scenario matches this request'),
      },
      {
        title: 'adds a rule and does not use it',
        status: 'failed',
        message: expect.stringContaining('rule 3 "added" was not used'),
      },
    ])
    expect(output).toContain('rule 2 \\"moon\\" was not used')
  })

  test('rules that no test used do not fail a run of some tests', () => {
    const { status, results } = runVitest(['vitest-unused', '-t', 'uses one rule'])

    expect(results.filter(({ status: result }) => result === 'passed')).toHaveLength(1)
    expect(status).toBe(0)
  })

  test('with verify each, every test must use all rules; without a port there is fetch', () => {
    const { status, results } = runVitest(['vitest-each'])

    expect(status).toBe(1)
    expect(results).toMatchObject([
      {
        status: 'failed',
        message: expect.stringContaining('rule 1 was not used\nrule 2 "moon" was not used'),
      },
      { status: 'passed' },
    ])
  })
})

describe('in node --test', () => {
  test('the example of the README passes', () => {
    const readme = readFileSync(join(repository, 'emulator/README.md'), 'utf8')
    const [, example = ''] = /In vitest:\n\n```js\n([^]*?)```/.exec(readme) ?? []
    const folder = mkdtempSync(join(tmpdir(), 'anthology-readme-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const modules = {
      '@anthology/emulator/vitest': join(repository, 'emulator/src/runners/node-test.ts'),
      '@anthropic-ai/sdk': join(repository, 'test/clients/node_modules/@anthropic-ai/sdk/index.mjs'),
      vitest: 'node:test',
    }
    const program = Object.entries(modules).reduce(
      (text, [name, path]) => text.replace(`from '${name}'`, `from '${path}'`),
      example,
    )
    writeFileSync(join(folder, 'readme.test.mjs'), program)

    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', '--test-reporter=spec', folder + '/*.mjs'],
      {
        cwd: repository,
        encoding: 'utf8',
        env: withoutRunner(),
      },
    )

    expect(status, stdout).toBe(0)
    expect(stdout).toContain('pass 1')
  })

  test('tests get a port and a clean emulator each, and a scenario that is used passes', () => {
    const { status, stdout } = runNode('node-used')

    expect(stdout).toMatch(/pass 2\b/)
    expect(status).toBe(0)
  })

  test('an unmatched call fails its test, and an unused rule fails the file', () => {
    const { status, stdout } = runNode('node-unused')

    expect(status).toBe(1)
    expect(stdout).toMatch(/✔ uses one rule/)
    expect(stdout).toMatch(/✖ sends a call that no rule matches/)
    expect(stdout).toContain('No rule of the scenario matches this request')
    expect(stdout).toContain('rule 2 "moon" was not used')
  })
})

interface ExampleResult {
  readonly title: string
  readonly status: string
  readonly message: string
}

/** Runs vitest in a process of its own. */
function runVitest(args: readonly string[]): {
  readonly status: number | null
  readonly results: readonly ExampleResult[]
  readonly output: string
} {
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  const config = join(examples, 'vitest.config.ts')
  const folder = mkdtempSync(join(tmpdir(), 'anthology-runners-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'report.json')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${file}`, ...args],
    { cwd: repository, stdio: 'ignore', env: withoutRunner() },
  )
  const output = readFileSync(file, 'utf8')
  const { testResults } = JSON.parse(output) as Report
  const results = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status: result, failureMessages }) => ({
      title,
      status: result,
      message: failureMessages.join('\n'),
    })),
  )
  return { status, results, output }
}

/** What the reporter prints, as far as it is read here. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

function runNode(name: string): { readonly status: number | null; readonly stdout: string } {
  const file = join(examples, `${name}.example.ts`)
  return spawnSync(process.execPath, ['--test', '--test-reporter=spec', file], {
    cwd: repository,
    encoding: 'utf8',
    env: withoutRunner(),
  })
}

/** A runner inside a runner would take itself for a part of the outer one. */
function withoutRunner(): Record<string, string | undefined> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter(([name]) => !/^(?:VITEST|NODE_TEST_CONTEXT|TEST$|NODE_OPTIONS)/.test(name)),
  )
}
