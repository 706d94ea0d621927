import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** The findings of axe on a page: rule, element, and what is wrong. By default all of its rules apply. */
export async function checkAccessibility(
  page: Page,
  rules: readonly string[] = [],
): Promise<readonly string[]> {
  const builder = new AxeBuilder({ page })
  const { violations } = await (rules.length === 0 ? builder : builder.withRules([...rules])).analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  )
}
