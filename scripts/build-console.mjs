// Builds the files of the console, if they are missing or older than their sources. Plain JavaScript: scripts/run.mjs
// uses it before it knows whether the running Node can run TypeScript.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, 'console')

/** The folders and files that the build reads, besides the installed packages. */
const sources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', '../catalog/src'].map(
  (name) => join(folder, name),
)

/** Whether the built files are missing or older than a source. */
export function isConsoleStale() {
  const built = join(folder, 'built', 'index.html')
  if (!existsSync(built)) return true
  const builtAtMs = statSync(built).mtimeMs
  return sources.some((source) => findNewestMs(source) > builtAtMs)
}

/** Builds with the given Node; throws if the build fails. */
export function buildConsole(node) {
  const { bin } = JSON.parse(readFileSync(join(root, 'node_modules/vite/package.json'), 'utf8'))
  const vite = join(root, 'node_modules/vite', typeof bin === 'string' ? bin : bin.vite)
  execFileSync(node, [vite, 'build', folder, '--config', join(folder, 'vite.config.ts')], {
    cwd: root,
    // Tests run with another value, which would bundle the development form of React.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function findNewestMs(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  // A folder's own time shows that a file was removed from it.
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
    .reduce((newest, time) => Math.max(newest, time), stats.mtimeMs)
}
