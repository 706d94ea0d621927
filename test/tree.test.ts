import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

import { repository } from './anthology-process.ts'

/** The allowed imports: the package table of ARCHITECTURE.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  wire: [],
  emulator: ['@anthology/wire', '@anthology/catalog'],
  gateway: ['@anthology/wire', '@anthology/catalog'],
  migrate: ['@anthology/catalog'],
  cli: [
    '@anthology/wire',
    '@anthology/catalog',
    '@anthology/emulator',
    '@anthology/gateway',
    '@anthology/migrate',
    '@anthology/console',
  ],
  console: ['@anthology/catalog'],
}

/** Optional peers, which scripts/pack.ts declares in the packed manifest only; test/packed.test.ts checks that. */
const optionalPeers: Readonly<Record<string, readonly string[]>> = { emulator: ['vitest'] }

/** Dependencies that build a package and that its source does not import. */
const buildTools: Readonly<Record<string, readonly string[]>> = {
  console: ['vite'],
  // The types of the gateway name those of pg.
  gateway: ['@types/pg'],
}

/** The packages and files that may use Node; everything else also runs in a browser. */
const nodeEdges = [
  /^gateway\//,
  /^cli\//,
  /^emulator\/src\/(?:http\/(?:server|port)|cassettes\/files\/cassette-folder)\.ts$/,
  /^emulator\/src\/runners\/node-test\.ts$/,
  /^migrate\/src\/files\//,
]

/** The only file that reads the environment. */
const environmentReaders = ['cli/src/main.ts']

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: repository,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(repository, file)))
const texts = new Map(files.map((file) => [file, readFileSync(join(repository, file), 'utf8')]))
const sources = files.filter((file) => /^[a-z]+\/src\/.*\.tsx?$/.test(file))
const packages = Object.keys(mayImport)

describe('boundaries', () => {
  test.each(packages)('%s imports only what its package.json and the package table allow', (name) => {
    const manifest = JSON.parse(read(`${name}/package.json`)) as Manifest // Our own file.
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependenciesMeta })
    const used = new Set(
      sources.filter((file) => file.startsWith(`${name}/`)).flatMap((file) => getImports(file)),
    )
    const peers = optionalPeers[name] ?? []
    const foreign = [...used].filter(
      (specifier) => !specifier.startsWith('.') && !isBuiltin(specifier) && !peers.includes(specifier),
    )
    const packageNames = new Set(foreign.map(getPackage))

    const ours = [...packageNames].filter((specifier) => specifier.startsWith('@anthology/'))

    expect([...packageNames].filter((specifier) => !declared.includes(specifier))).toEqual([])
    const isUsed = (specifier: string) => packageNames.has(specifier) || buildTools[name]?.includes(specifier)
    expect(declared.filter((specifier) => !isUsed(specifier))).toEqual([])
    expect(ours.filter((specifier) => !mayImport[name]?.includes(specifier))).toEqual([])
  })

  test('no file reaches into another package by a path', () => {
    const reaching = sources.filter((file) =>
      getImports(file)
        .filter((specifier) => specifier.startsWith('.'))
        .some((specifier) => !join(dirname(file), specifier).startsWith(`${file.split('/')[0]}/`)),
    )

    expect(reaching).toEqual([])
  })

  test('Node is used at the edges only', () => {
    const users = sources.filter(
      (file) => getImports(file).some(isBuiltin) || /\bBuffer\b|\bprocess\./.test(getCode(file)),
    )

    expect(users.filter((file) => !nodeEdges.some((edge) => edge.test(file)))).toEqual([])
  })

  test('the libraries of the clouds are loaded at the first request, and not at the start', () => {
    const libraries = /^import (?!type\b)[^']*'(?:@aws-sdk|@smithy|@azure|google-auth-library)/m

    expect(sources.filter((file) => libraries.test(read(file)))).toEqual([])
    expect(
      sources.filter((file) => /import\('(?:@aws-sdk|@smithy|@azure|google-auth-library)/.test(read(file)))
        .length,
    ).toBe(3)
  })

  test('the environment is read in one file', () => {
    const readers = sources.filter((file) =>
      /process\.env|\benv\b.*= process\b|\{[^}]*\benv\b[^}]*\} = process\b/.test(getCode(file)),
    )

    expect(readers).toEqual(environmentReaders)
  })
})

describe('the tree', () => {
  test('no source file is longer than 350 lines', () => {
    const long = sources.filter((file) => read(file).split('\n').length > 351)

    expect(long).toEqual([])
  })

  test.each(['gateway', 'emulator', 'catalog'])(
    '%s has at most ten files at the root of its source',
    (name) => {
      const root = sources.filter((file) => new RegExp(`^${name}/src/[^/]+$`).test(file))

      expect(root.length).toBeGreaterThan(0)
      expect(root.length).toBeLessThanOrEqual(10)
    },
  )

  test('no leftovers stand in the source', () => {
    const marks = /\b(?:TODO|FIXME|HACK)\b/
    const silenced = /@ts-(?:ignore|nocheck)|: any\b|\bas any\b/

    expect(sources.filter((file) => marks.test(read(file)) || silenced.test(getCode(file)))).toEqual([])
  })

  test('no function literal is assigned to a property where calls pass', () => {
    // V8 allocates such a function in the old generation (docs/performance.md).
    const assigned =
      /^\s*\w+(?:\.#?\w+|\[[^\]]+\])+ (?:\?\?|\|\|)?= (?:async )?(?:\((?:[^()]|\([^()]*\))*\)[^()\n;]*=>|\w+ =>|function\b)/m
    const passed = sources.filter((file) => /^(?:gateway|wire|catalog)\//.test(file))

    expect(assigned.test('class Turn {\n  constructor() {\n    this.end = () => {\n')).toBe(true)
    expect(assigned.test('  turn.reject = (\n    error: Error,\n  ): void => {\n')).toBe(true)
    expect(passed.filter((file) => assigned.test(getCode(file)))).toEqual([])
  })

  test('`npm run check` reads the types of every file', () => {
    const compiler = join(repository, 'node_modules/typescript/bin/tsc')
    const checked = new Set(
      ['.', 'console'].flatMap((project) =>
        execFileSync(process.execPath, [compiler, '-p', project, '--listFilesOnly'], {
          cwd: repository,
          encoding: 'utf8',
        })
          .split('\n')
          .map((file) => relative(repository, file).replaceAll('\\', '/')),
      ),
    )

    // The corpus is code to be migrated, which imports what is not installed.
    const ours = files.filter((file) => /\.m?tsx?$/.test(file) && !file.startsWith('migrate/test/corpus/'))
    expect(ours.filter((file) => !checked.has(file))).toEqual([])
  })

  test('no test is skipped or focused', () => {
    const skipping = /\b(?:it|test|describe)\.(?:skip|skipIf|runIf|only|todo|fails)\b/

    expect(files.filter((file) => file.endsWith('.test.ts') && skipping.test(read(file)))).toEqual([])
  })

  test('the repository contains no machine path and no registry host', () => {
    const named = /(?:^|[\s'"`(=:])\/(?:work|root|home|opt|Users)\/|registry\.npm/m

    expect(files.filter((file) => named.test(read(file)))).toEqual([])
  })

  test('the lockfiles record no download addresses', () => {
    const locks = files.filter((file) => file.endsWith('package-lock.json'))

    expect(locks.length).toBeGreaterThan(1)
    expect(locks.filter((file) => read(file).includes('"resolved": "http'))).toEqual([])
  })

  test('every relative link in the documents has a target', () => {
    const broken = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
          .map(([, link = '']) => join(dirname(file), link))
          .filter((target) => !existsSync(join(repository, target)))
          .map((target) => `${file}: ${target}`),
      )

    expect(broken).toEqual([])
  })
})

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  /** Packages that are loaded if they are installed. As `peerDependencies` npm would install them for every start. */
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>
}

function read(file: string): string {
  return texts.get(relative(repository, join(repository, file))) ?? ''
}

/** Strips comments and strings, precisely enough to search for names. */
function getCode(file: string): string {
  return uncommented(file).replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '')
}

function uncommented(file: string): string {
  return read(file).replace(/\/\*[\s\S]*?\*\/|(?<![:'`])\/\/.*/g, '')
}

function getImports(file: string): string[] {
  const statements = /^(?:import|export)\b(?:[^'"=;()]*?\bfrom)?\s*'([^'\n]+)'|\bimport\(\s*'([^']+)'\s*\)/gm
  return [...uncommented(file).matchAll(statements)].map(([, specifier, lazy]) => specifier ?? lazy ?? '')
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier)
}

function getPackage(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
