import type { Finding, Platform } from '@anthology/catalog'
import type { Context } from './command.ts'
import { bold, dim, tint } from './ansi-colors.ts'
import { platformTitles } from './model-name.ts'
import { quoteEntry, renderQuote } from './price-view.ts'
import { alignColumns, wrapText } from './table.ts'
import type { Judgement, CheckResult } from './check-result.ts'

export function createCheckView(judged: Judgement, day: string, context: Context): readonly string[] {
  const { model, protocol, version, results, quote } = judged
  const form = protocol === 'messages' ? `API version ${version}` : protocolTitles[protocol]
  const head = `${bold(model.displayName, context)}  ${dim(`${model.id}, ${form}, on ${day}`, context)}`
  const rows = results.map((result) => [`  ${platformTitles[result.platform]}`, outcome(result, context)])
  const findings = groupFindings(results)
  const [first] = results
  return [
    head,
    ...alignColumns(rows),
    ...findings.flatMap((found) => ['', ...findingLines(found, results.length, context)]),
    '',
    ...(quote.ok
      ? [
          `Cost${first === undefined ? '' : ` (${platformTitles[first.platform]})`}:`,
          ...renderQuote(model, quote, context).slice(1),
        ]
      : [`The cost is not known: ${quote.detail}.`]),
  ]
}

const protocolTitles = { converse: 'a Converse request', openai: 'a chat completions request' } as const

function outcome({ isOffered, isRefused, findings }: CheckResult, context: Context): string {
  if (!isOffered) return dim('not offered, as far as is known', context)
  if (isRefused) return tint('rejected', 'red', context)
  const notes = findings.length === 0 ? '' : `, with ${findings.length === 1 ? 'a note' : 'notes'}`
  return `${tint('accepted', 'green', context)}${notes}`
}

interface Grouped {
  readonly finding: Finding
  readonly platforms: readonly Platform[]
}

/** Merges identical findings of several platforms. */
function groupFindings(results: readonly CheckResult[]): readonly Grouped[] {
  const groups = new Map<string, { readonly finding: Finding; readonly platforms: Platform[] }>()
  for (const { platform, findings, isOffered } of results) {
    for (const finding of isOffered ? findings : []) {
      const key = JSON.stringify([finding.code, finding.message])
      const group = groups.get(key) ?? { finding, platforms: [] }
      group.platforms.push(platform)
      groups.set(key, group)
    }
  }
  return [...groups.values()].toSorted((left, right) => rank(left.finding) - rank(right.finding))
}

function rank({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1
}

function findingLines(
  { finding, platforms }: Grouped,
  platformCount: number,
  context: Context,
): readonly string[] {
  const { severity, status, message, hint } = finding
  const label = severity === 'error' ? tint(String(status), 'red', context) : tint('note', 'yellow', context)
  const indent = ' '.repeat(severity === 'error' ? 5 : 6)
  const width = Math.max(24, context.columns - indent.length)
  const where =
    platforms.length === platformCount
      ? []
      : [`on ${platforms.map((each) => platformTitles[each]).join(', ')}`]
  const [first = '', ...rest] = wrapText(message, width)
  return [
    `${label}  ${first}`,
    ...[...rest, ...where, ...wrapText(`-> ${hint}`, width)].map((line) => `${indent}${line}`),
  ]
}

export function createCheckEntry(
  { model, protocol, version, results, quote }: Judgement,
  day: string,
  refused: boolean,
): object {
  return {
    model: model.id,
    as_of: day,
    protocol,
    api_version: version,
    refused,
    platforms: results.map(({ platform, isOffered, isRefused, findings }) => ({
      platform,
      offered: isOffered,
      refused: isRefused,
      findings,
    })),
    quote: quote.ok ? quoteEntry(model, quote) : null,
    unpriced_because: quote.ok ? null : quote.detail,
  }
}
