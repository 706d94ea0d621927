// `npm run pack`: JavaScript and type declarations of every package, each with a
// package.json of its own, packed as the tarballs that are published. Node
// refuses to run TypeScript under node_modules, so what is installed is compiled.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { buildBrowserCatalog } from './browser-catalog.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** The files of the catalog that others read without running it. */
const browserFile = 'catalog.browser.js'
const catalogFiles = ['catalog.json', 'catalog.schema.json', 'retirements.ics']

/**
 * Optional peers of the packages. They are not in the manifests of the workspace, because npm would then install vitest
 * for `npm start` as well.
 */
const optionalPeers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '@anthology/emulator': { vitest: '>=2' },
}

/** The package that is published as built files, without dependencies. */
const builtPackage = 'console'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly workspaces?: readonly string[]
  readonly exports?: Readonly<Record<string, string | object>>
  readonly bin?: unknown
  readonly [member: string]: unknown
}

const { workspaces = [] } = readManifest(root)
rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
const browserCatalog = await buildBrowserCatalog()
for (const workspace of workspaces) console.log(pack(workspace))
rmSync(join(dist, 'build'), { recursive: true })

/** Lays out one package in `dist/<workspace>` and packs it; returns the tarball's path. */
function pack(workspace: string): string {
  const source = join(root, workspace)
  const target = join(dist, workspace)
  mkdirSync(target, { recursive: true })
  const isCatalog = workspace === 'catalog'
  // The console is files for browsers, which `npm run build` has made.
  if (workspace !== builtPackage)
    cpSync(join(dist, 'build', workspace, 'src'), join(target, 'src'), {
      recursive: true,
      // The catalog is one file, which loads five times faster than its many; of those only the types are left.
      filter: (file) => !(isCatalog && file.endsWith('.js')),
    })
  for (const extra of [
    'bin',
    ...(workspace === builtPackage ? ['built', 'index.js', 'index.d.ts'] : []),
    'anthology.schema.json',
    'scenario.schema.json',
    'cassette.schema.json',
    ...catalogFiles,
  ]) {
    if (existsSync(join(source, extra))) cpSync(join(source, extra), join(target, extra), { recursive: true })
  }
  if (isCatalog) writeFileSync(join(target, browserFile), browserCatalog)
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
  const readme = join(source, 'README.md')
  cpSync(existsSync(readme) ? readme : join(root, 'README.md'), join(target, 'README.md'))
  writeFileSync(
    join(target, 'package.json'),
    `${JSON.stringify(publishedManifest(readManifest(source)), null, 2)}\n`,
  )
  execNpm(['pack', '--silent', '--pack-destination', dist], target)
  const tarball = readdirSync(dist).find((file) => file.startsWith(`anthology-${workspace}-`))
  if (tarball === undefined) throw new Error(`npm pack left no tarball of ${workspace}`)
  return join('dist', tarball)
}

function publishedManifest(manifest: Manifest): object {
  const compiled = Object.entries(manifest.exports ?? {}).map(([name, file]) => [
    name,
    typeof file === 'string' && file.endsWith('.ts')
      ? { types: file.replace(/\.ts$/, '.d.ts'), default: runtimeFile(manifest, file) }
      : file,
  ])
  const { exports: _, ...withoutExports } = manifest
  const { dependencies: _bundled, devDependencies: _tools, ...own } = withoutExports
  // Everything that the console's source imports is in its built files.
  const rest = manifest.name === `@anthology/${builtPackage}` ? own : withoutExports
  const peers = optionalPeers[manifest.name] ?? {}
  return {
    ...rest,
    ...(compiled.length > 0 && { exports: Object.fromEntries(compiled) }),
    ...(Object.keys(peers).length > 0 && {
      peerDependencies: peers,
      peerDependenciesMeta: Object.fromEntries(Object.keys(peers).map((name) => [name, { optional: true }])),
    }),
  }
}

/** The JavaScript behind an entry: the compiled file, or of the catalog the one file that browsers load as well. */
function runtimeFile({ name }: Manifest, file: string): string {
  return name === '@anthology/catalog' ? `./${browserFile}` : file.replace(/\.ts$/, '.js')
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest // Our own file.
}

/** Runs the npm that started this script, or the one on the path. */
function execNpm(args: readonly string[], cwd: string): void {
  const npm = process.env['npm_execpath']
  const [file, first] = npm?.endsWith('.js') === true ? [process.execPath, [npm]] : ['npm', []]
  execFileSync(file, [...first, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: file === 'npm' && process.platform === 'win32',
  })
}
