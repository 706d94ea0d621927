// The catalog as one ES module for a page without a bundler: `node scripts/browser-catalog.ts FILE` writes
// it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { rolldown } from 'rolldown'

const entry = join(import.meta.dirname, '../catalog/src/index.ts')

/** Returns the minified text of the module; it has no imports. */
export async function buildBrowserCatalog(): Promise<string> {
  const bundle = await rolldown({ input: entry, platform: 'browser' })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const [chunk, ...more] = output
    if (more.length > 0) throw new Error('the catalog must be one file')
    return chunk.code
  } finally {
    await bundle.close()
  }
}

if (import.meta.main) {
  const file = process.argv[2] ?? join(import.meta.dirname, '../dist/catalog.browser.js')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, await buildBrowserCatalog())
  console.log(file)
}
