// Makes the screenshots of the README from seeded data: `node scripts/screenshots.ts [FOLDER [PAGE...]]`. Without a folder it
// writes the chosen few into docs/images; with one, every page in both themes and two widths.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { openWindow, startBrowser } from '../console/test/browser.ts'
import { startConsoleServer } from '../console/test/console-server.ts'
import { seed, seedHistory } from '../console/test/seed.ts'
import { buildConsole, isConsoleStale } from './build-console.mjs'

const [folder, ...wanted] = process.argv.slice(2)
const published = ['/usage', '/calls']
/** The files that the documents show. */
const publishedFiles = ['usage-light.png', 'calls-dark.png']
const every = [
  '/',
  '/usage',
  '/calls',
  '/sessions',
  '/upstreams',
  '/routing',
  '/keys',
  '/workspaces',
  '/members',
  '/budgets',
  '/audit',
  '/settings',
]

if (isConsoleStale()) buildConsole(process.execPath)
const target = folder ?? join(import.meta.dirname, '../docs/images')
mkdirSync(target, { recursive: true })
const server = await startConsoleServer()
const browser = await startBrowser()
try {
  const { session, ci } = await seed(server)
  await seedHistory(server, ci.key)
  const pages = folder === undefined ? published : wanted.length > 0 ? wanted : every
  const shapes =
    folder === undefined
      ? [{ width: 1280, theme: 'light' } as const, { width: 1280, theme: 'dark' } as const]
      : [
          { width: 1280, theme: 'light' } as const,
          { width: 1280, theme: 'dark' } as const,
          { width: 360, theme: 'light' } as const,
        ]
  for (const shape of shapes) {
    const window = await openWindow(browser, shape)
    const { token } = await server.admin<{ readonly token: string }>('POST', '/admin/v1/console-links')
    await window.page.goto(`${server.url}/console/#sign-in=${token}`)
    await window.page.getByRole('heading', { name: 'Start' }).waitFor()
    for (const path of pages) {
      await window.page.goto(`${server.url}/console${path.replace('SESSION', session)}`)
      await window.page.locator('h1').waitFor()
      await window.page.waitForTimeout(900)
      const name = path.replace(/[^a-z]+/gi, '-').replaceAll(/^-|-$/g, '') || 'start'
      const file = `${name}-${shape.theme}${shape.width === 1280 ? '' : `-${shape.width}`}.png`
      if (folder === undefined && !publishedFiles.includes(file)) continue
      await window.page.screenshot({ path: join(target, file), fullPage: folder !== undefined })
      console.log(file, ...window.problems)
    }
    await window.close()
  }
} finally {
  await browser.close()
  await server.close()
}
