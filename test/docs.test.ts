import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { repository, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

/** A command of a page, on one line, without its comment. */
interface DocumentedCommand {
  readonly page: string
  readonly command: string
}

/** Commands that are not run here, each with the reason. All others are. */
const exceptions: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^npm start\b/, 'test/serve.test.ts and test/launch.test.ts start it on a free port'],
  [/^(?:npx --no )?anthology serve\b/, 'test/serve.test.ts starts it on a free port'],
  [/^(?:npx --no )?anthology conform\b/, 'cli/test/commands/conform.test.ts runs it against a gateway'],
  [/^npx --no anthology emulate\b/, 'test/launch.test.ts runs the recipe of the guide on a free port'],
  [/^(?:emulator=|trap |curl .*\/api\/hello$|ANTHROPIC_BASE_URL=)/, 'lines of that recipe'],
  [
    /^ANTHROPIC_API_KEY=sk-ant-\.\.\. sh record\.sh$/,
    'test/emulate-scenario.test.ts runs it before an emulator',
  ],
  [/^npx --no anthology migrate .* --write\b/, 'cli/test/commands/migrate.test.ts writes into a git tree'],
  [/^npm run pack$/, 'test/packed.test.ts runs its script'],
  [/^npm (?:init|install)\b/, 'test/packed.test.ts installs the tarballs as the pages do'],
  [/^node --test$/, "test/packed.test.ts runs the guide's test"],
  [/^npx anthology\b/, 'test/packed.test.ts runs the installed binary'],
  [/^npm (?:test|run (?:check|fix|dev))$/, 'checks of the repository, which run these tests, or endless'],
  [
    /^(?:npx --no )?anthology reconcile\b/,
    'cli/test/commands/reconcile.test.ts has the files of the providers',
  ],
  [/^(?:npx --no )?anthology replay\b/, 'cli/test/commands/replay.test.ts has recorded requests'],
  [
    /^(?:npx --no )?anthology (?:store|backup|restore)\b/,
    'cli/test/commands/store.test.ts runs them, also on PostgreSQL',
  ],
  [/^npx @anthology\/cli\b/, 'needs the published package; test/packed.test.ts installs the packed one'],
  [/^npm run build$/, 'the tests of the console have built it'],
  [/^npm run bench\b/, 'takes minutes'],
  [/^npx (?:vitest|autocannon|speedscope)\b/, 'other tools, which run these tests or need a network'],
  [/^node --cpu-prof\b/, 'runs until it is stopped'],
  [/^node scripts\//, 'changes files of the repository; tests compare their results'],
  [/^(?:npx --no )?anthology$/, 'the name of the binary and not a command'],
]

let folder = ''
let server: ServerProcess | null = null

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-docs-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const binary = join(repository, 'cli/bin/anthology.js')
  // The npx of a clone finds the binary of the workspace; starting npm for each command would take minutes.
  write('bin/npx', `#!/bin/sh\n[ "$1 $2" = '--no anthology' ] || exit 99\nshift 2\nexec anthology "$@"\n`)
  write('bin/anthology', `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`)
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755)
  write(
    'request.json',
    '{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}',
  )
  write(
    'transcript.jsonl',
    '{"type":"assistant","message":{"id":"msg_1","model":"claude-opus-4-1","usage":{"input_tokens":9,"output_tokens":9}}}\n',
  )
  mkdirSync(join(folder, 'src'))
  write('src/ask.py', 'MODEL = "claude-opus-4-8"\n')
  mkdirSync(join(folder, 'data'))
  server = await startServer(join(folder, 'data'))
})

afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...['bench', 'catalog', 'cli', 'emulator', 'gateway', 'migrate', 'wire'].map((name) => `${name}/README.md`),
]
const all = pages.flatMap(findCommands)
/** Each command runs once, whatever the number of pages that have it. */
const runnable = Map.groupBy(
  all.filter(({ command }) => !exceptions.some(([pattern]) => pattern.test(command))),
  ({ command }) => command,
)

test('the pages have commands, and each exception has one', () => {
  const unused = exceptions.filter(([pattern]) => !all.some(({ command }) => pattern.test(command)))

  expect(runnable.size).toBeGreaterThan(20)
  expect(unused).toEqual([])
})

const runs = [...runnable].map(([command, places]) => ({
  command,
  pages: places.map(({ page }) => page).join(', '),
}))

test.each(runs)('$pages: $command', ({ command }) => {
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    input: 'Hello\n',
    encoding: 'utf8',
    env: {
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      HOME: folder,
      ANTHOLOGY_DATA: join(folder, 'data'),
      ANTHOLOGY_PORT: new URL(server?.url ?? '').port,
    },
  })

  expect(status, stderr).toBe(0)
})

/** The lines of shell blocks, and code in a sentence that begins with the name of a program. */
function findCommands(page: string): readonly DocumentedCommand[] {
  const text = readFileSync(join(repository, page), 'utf8')
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)\n([^]*?)^```/gm)].map(([, block = '']) => block)
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  const prose = text.replaceAll(/^```[^]*?^```/gm, '')
  const inline = [...prose.matchAll(/`((?:npm|npx|node|anthology|curl)(?: [^`\n]*)?)`/g)].map(
    ([, code = '']) => code,
  )
  const commands = [...lines, ...inline.filter((code) => !isMention(code))]
    .map((line) => line.replace(/(?:^|\s{2,})#.*$/, '').trim())
    .filter((line) => line !== '')
  return [...new Set(commands)].map((command) => ({ page, command }))
}

/** The name of a program, or a command with a placeholder, is not a command that anybody can paste. */
function isMention(code: string): boolean {
  return (
    /^(?:npm|npx|node|curl)$/.test(code) ||
    /\b[A-Z]{3,}\b/.test(code) ||
    /^anthology (?:serve|emulate|check|explain|doctor|chat)$/.test(code)
  )
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}
