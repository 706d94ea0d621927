import axe from 'axe-core'
import type { RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

interface CheckOptions {
  /** The ids of axe's rules. Default: all. */
  readonly rules?: readonly string[]
  /** A CSS selector. Default: the whole page. */
  readonly part?: string | undefined
}

/** The findings of axe on a page: rule, element, and what is wrong. */
export async function checkAccessibility(
  page: Page,
  { rules = [], part }: CheckOptions = {},
): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  const options: RunOptions = {
    // Only these are described, which takes a part of the time.
    resultTypes: ['violations'],
    preload: false,
    ...(rules.length > 0 && { runOnly: [...rules] }),
  }
  return page.evaluate(
    async ({ options: given, selector }) => {
      const { axe: checker } = globalThis as unknown as { readonly axe: typeof axe } // Injected above.
      const { violations } = await checker.run(selector ?? document, given)
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
      )
    },
    { options, selector: part },
  )
}
