import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

import { buildConsole, isConsoleStale } from '../../scripts/build-console.mjs'
import { builtFolder } from '../index.js'

if (isConsoleStale()) buildConsole(process.execPath)

const maxFirstPageBytes = 160 * 1024

test('the first page needs at most 160 KB, compressed', () => {
  const html = read('index.html')
  const linked = [...html.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, name = '']) => name)
  const start = readdirSync(join(builtFolder, 'assets')).filter((name) => /^start-page-.*\.js$/.test(name))
  const files = collect([...linked, ...start.map((name) => `assets/${name}`)])
  const sizes = [...files].map((name) => gzipSync(read(name), { level: 9 }).byteLength)

  const sum = sizes.reduce((total, size) => total + size, gzipSync(html).byteLength)
  expect(start).toHaveLength(1)
  expect(sum).toBeLessThanOrEqual(maxFirstPageBytes)
})

test('the editor is not part of the first page', () => {
  const html = read('index.html')

  expect(html).not.toContain('code-mirror')
  expect(readdirSync(join(builtFolder, 'assets')).some((name) => name.startsWith('code-mirror'))).toBe(true)
})

test('no built file names another host, and the page has no inline script or style', () => {
  const html = read('index.html')
  const hosts = readdirSync(join(builtFolder, 'assets'))
    .filter((name) => name.endsWith('.js') || name.endsWith('.css'))
    .flatMap((name) => [...read(`assets/${name}`).matchAll(/(?:fetch\(|src=|url\()["'`]https?:\/\/[^"'`]+/g)])

  expect(hosts).toEqual([])
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/)
})

/** The files, and those that they import before they run. */
function collect(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (name: string) => {
    if (found.has(name)) return
    found.add(name)
    if (!name.endsWith('.js')) return
    for (const [, imported = ''] of read(name).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      visit(`assets/${imported}`)
  }
  for (const name of names) visit(name)
  return found
}

function read(name: string): string {
  return readFileSync(join(builtFolder, name), 'utf8')
}
