// Writes the table of operations of `docs/admin-api.md` from the routes of the admin API. A test fails when it is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { adminRoutes } from '../gateway/src/endpoints/admin/admin.ts'
import type { AdminRoute } from '../gateway/src/endpoints/admin/route.ts'
import { replaceBetweenMarkers } from './page-markers.ts'

const root = join(import.meta.dirname, '..')

/** The derived files, by path relative to the repository, with their text. */
export function printFiles(): readonly { readonly path: string; readonly text: string }[] {
  const path = 'docs/admin-api.md'
  const page = readFileSync(join(root, path), 'utf8')
  return [{ path, text: replaceBetweenMarkers(page, 'operations', printOperations()) }]
}

function printOperations(): readonly string[] {
  return [
    '| operation | purpose | roles besides `admin` |',
    '| --- | --- | --- |',
    ...[...adminRoutes].toSorted(compareRoutes).map(printOperation),
  ]
}

function compareRoutes(one: AdminRoute, other: AdminRoute): number {
  return one.path === other.path ? 0 : one.path < other.path ? -1 : 1
}

function printOperation({ method, path, summary, roles }: AdminRoute): string {
  const others = roles.filter((role) => role !== 'admin')
  const printed = others.length === 0 ? 'none' : others.map((role) => `\`${role}\``).join(', ')
  return `| \`${method} ${path}\` | ${summary} | ${printed} |`
}

if (import.meta.main) {
  const stale = printFiles().filter(({ path, text }) => readFileSync(join(root, path), 'utf8') !== text)
  for (const { path, text } of stale) {
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  if (stale.length === 0) console.log('up to date')
}
