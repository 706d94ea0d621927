import { expect, test } from 'vitest'
import type { Command, Context } from '../src/index.ts'
import { commands, runCli } from '../src/index.ts'
import { run } from './console.ts'

test.each([['--help'], ['-h'], ['help'], []])('lists every command for %j', async (...argv) => {
  const { code, out } = await run(argv)

  expect(code).toBe(0)
  for (const { name, summary } of commands) expect(out).toMatch(new RegExp(`  ${name} +${summary}`))
})

test.each([['--version'], ['-v'], ['version']])('prints the version for %s', async (word) => {
  expect(await run([word])).toEqual({ code: 0, out: '1.2.3\n', err: '' })
})

test.each([[['models', '--help']], [['models', '-h', 'no such model']], [['help', 'models']]])(
  'explains a command for %j, with its options and an example',
  async (argv) => {
    const { code, out } = await run(argv)

    expect(code).toBe(0)
    expect(out).toContain('anthology models [NAME ...]')
    expect(out).toMatch(/--platform P +\S/)
    expect(out).toMatch(/--json +print JSON/)
    expect(out).toMatch(/Example\n {2}anthology models/)
  },
)

test.each([
  [['modles'], 'unknown command "modles"', 'Did you mean models?'],
  [['zzz'], 'unknown command "zzz"', 'See anthology --help'],
  [['--modles'], 'unknown option --modles', 'See anthology --help'],
  [['models', '--josn'], 'anthology models has no option --josn', 'Did you mean --json?'],
  [['models', '--quite-something-else'], 'anthology models has no option', 'See anthology models --help.'],
  [['models', '--platform'], "Option '--platform <value>' argument missing", 'See anthology models --help.'],
  [['models', '--as-of', '--all'], "Option '--as-of' needs a value before the next option", 'models --help.'],
  [['models', '--as-of', ''], '--as-of is empty', '--as-of DAY'],
  [['models', ''], 'an argument of anthology models is empty', 'For example: anthology models'],
  [['help', 'modles'], 'unknown command "modles"', 'Did you mean models?'],
  [['help', 'models', 'x'], 'help explains one command', 'anthology help models'],
  [['version', 'x'], 'anthology version does not accept "x"', 'See anthology version --help.'],
  [['completion'], 'completion needs one shell', 'Choose one of bash, zsh, fish.'],
  [['completion', 'cmd'], 'there is no completion for "cmd"', 'Choose one of bash, zsh, fish.'],
  [['models', '--all=yes'], "Option '--all' does not take an argument", 'See anthology models --help.'],
  [['serve', '8000'], 'anthology serve does not accept "8000"', 'See anthology serve --help.'],
  [['emulate', 'x'], 'anthology emulate does not accept "x"', 'See anthology emulate --help.'],
  [['doctor', 'x'], 'anthology doctor does not accept "x"', 'See anthology doctor --help.'],
  [['usage', 'protocol'], 'anthology usage does not accept "protocol"', 'The only word is export'],
  [
    ['usage', '--outcome', 'nope'],
    'no call has the outcome "nope"',
    'Choose one of answered, upstream_error,',
  ],
  [['usage', '--calls', '--platform', 'mars'], 'no call has the platform "mars"', 'Choose one of anthropic,'],
  [['calendar', 'opus'], 'anthology calendar does not accept "opus"', 'anthology models NAME'],
  [['keys', 'create', 'ci'], 'keys create does not accept "ci"', 'To name the key: --name ci'],
  [['keys', 'list', 'ci'], 'keys list does not accept "ci"', 'It always lists all keys.'],
  [['keys'], 'keys needs an action', 'Use create, list, update, rotate, revoke or limits.'],
  [['keys', 'make'], 'keys has no action make', 'Use create, list, update, rotate, revoke or limits.'],
])('reports %j as wrong use, with a hint', async (argv, problem, hint) => {
  const { code, out, err } = await run(argv)

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err.split('\n')[0]).toContain(problem)
  expect(err.split('\n')[1]).toContain(hint)
})

test('loads only the command that runs', async () => {
  const context = silent()

  const code = await runCli(['good'], context, {
    version: '0',
    commands: [
      toEntry('bad', () => Promise.reject(new Error('loaded'))),
      toEntry('good', () => Promise.resolve(0)),
    ],
  })

  expect(code).toBe(0)
})

test('shows the message and the hint of an error of any package, and no stack', async () => {
  const lines: string[] = []
  const failing = toEntry('fail', () =>
    Promise.reject(Object.assign(new Error('port 7171 is taken'), { hint: 'Use --port.' })),
  )

  const code = await runCli(
    ['fail'],
    { ...silent(), err: (line) => lines.push(line) },
    { version: '0', commands: [failing] },
  )

  expect(code).toBe(1)
  expect(lines).toEqual(['anthology: port 7171 is taken', 'Use --port.'])
})

test('shows the stack too when DEBUG is set', async () => {
  const lines: string[] = []
  const failing = toEntry('fail', () => Promise.reject(new Error('broken')))

  await runCli(
    ['fail'],
    { ...silent(), env: { DEBUG: '1' }, err: (line) => lines.push(line) },
    { version: '0', commands: [failing] },
  )

  expect(lines.join('\n')).toContain('run.test.ts')
})

test.each(commands)('$name has the name and summary of the command table', async (entry) => {
  const { command } = await entry.load()

  expect(command.name).toBe(entry.name)
  expect(command.summary).toBe(entry.summary)
  expect(command.example).toMatch(new RegExp(`^anthology ${entry.name}\\b|\\| anthology ${entry.name}\\b`))
})

function toEntry(name: string, answer: () => Promise<number>): (typeof commands)[number] {
  const command: Command = {
    name,
    summary: name,
    usage: '',
    example: `anthology ${name}`,
    options: {},
    run: answer,
  }
  return {
    name,
    summary: name,
    load: () => (name === 'bad' ? answer().then(() => ({ command })) : Promise.resolve({ command })),
  }
}

function silent(): Context {
  const ignore = (): void => {}
  const given = { env: {}, cwd: '/', isTty: false, stdinIsTty: true, columns: 80, color: false }
  const openLines = () => ({ readLine: () => Promise.resolve(null), onInterrupt: ignore, close: ignore })
  return { out: ignore, err: ignore, write: ignore, stdin: () => Promise.resolve(''), openLines, ...given }
}

test.each([
  ['models', '--as-of', '2025-13-40'],
  ['models', '--as-of', '2025-02-30'],
  ['calendar', '--as-of', 'tomorrow'],
  ['resolve', 'opus', '--as-of', '2025-1-1'],
  ['price', 'opus', '--input', '1', '--as-of', '2025-13-40'],
])('%s: a day that is not in the calendar is wrong use', async (...argv) => {
  const { code, out, err } = await run(argv)

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(
    /^anthology: --as-of must be a day, not "[^"]+"\nWrite it as YYYY-MM-DD, e\.g\. 2026-11-22\.\n$/,
  )
})
