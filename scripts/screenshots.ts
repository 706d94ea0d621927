// Makes the screenshots of the documents from seeded data: `node scripts/screenshots.ts [FOLDER [PATH...]]`. Without a folder it
// writes the chosen few into docs/images, in both themes; with one, every page in both themes and two widths.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

import { pages } from '../console/src/app/pages.ts'
import type { WindowOptions } from '../console/test/browser.ts'
import { openPage, startConsole } from '../console/test/open-console.ts'
import { seed, seedHistory } from '../console/test/seed.ts'

const [folder, ...wanted] = process.argv.slice(2)
const isPublished = folder === undefined
const target = folder ?? join(import.meta.dirname, '../docs/images')
mkdirSync(target, { recursive: true })

/** The pages that the documents show. */
const published = ['/usage', '/calls', '/playground']
const every = wanted.length > 0 ? wanted : pages.map(({ path }) => path)
const wide: readonly WindowOptions[] = [
  { width: 1280, theme: 'light' },
  { width: 1280, theme: 'dark' },
]
const narrow: readonly WindowOptions[] = [
  { width: 360, theme: 'light' },
  { width: 360, theme: 'dark' },
]

const rig = await startConsole({ budgets: { labels: ['project'] } })
try {
  const { session, ci } = await seed(rig.server)
  await seedHistory(rig.server, ci.key)
  await rig.server.admin('POST', '/admin/v1/budgets', {
    scope: 'organization',
    limit: '2',
    window: 'month',
  })
  for (const shape of isPublished ? wide : [...wide, ...narrow]) {
    const { page, problems, close } = await rig.signIn(shape)
    for (const path of isPublished ? published : every) {
      await openPage(page, rig.server, path.replace('SESSION', session))
      await prepare(page, path)
      const file = join(target, nameFile(path, shape))
      await page.screenshot({ path: file, fullPage: !isPublished })
      console.log(file, `${Math.round(statSync(file).size / 1_024)} KB`, ...problems)
    }
    await close()
  }
} finally {
  await rig.close()
}

/** The playground shows an answer, and the other pages what they have when nothing is loading. */
async function prepare(page: Page, path: string): Promise<void> {
  if (path === '/playground') {
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('Cost', { exact: true }).first().waitFor()
  }
  if (path.startsWith('/budgets')) await page.locator('.chart, .table').first().waitFor()
  await page.waitForTimeout(500)
}

function nameFile(path: string, { width, theme }: WindowOptions): string {
  const name = path.replaceAll(/[^a-z]+/gi, '-').replaceAll(/^-|-$/g, '') || 'start'
  return `${name}-${theme}${width === 1280 ? '' : `-${width}`}.png`
}
