import type { Beta } from '../../betas/beta.ts'
import { betaOn, betaStateOn, findBeta } from '../../betas/betas.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { Platform } from '../../model.ts'
import type { CallRule, Rule, CheckContext } from '../rule.ts'

/**
 * Rejected values of `anthropic-beta`. The values change with every release of every client, so an unknown
 * one is only a notice: the API may know it. An emulator knows only the catalog's values, and rejects any
 * other as the API rejects unknown ones.
 */
export const betaRules: readonly CallRule[] = [
  {
    code: 'beta_unknown',
    path: 'anthropic-beta',
    source: 'Beta headers, 2025 and 2026; texts from public issue reports',
    hint: 'Check the spelling: the API rejects unknown values.',
    served: ({ unknownBetas }) => unknownBetas === 'noticed',
    test: ({ betas }, _model, where) => {
      const unknown = listValues(betas, where).filter((value) => isUnknown(value, where))
      if (unknown.length === 0) return null
      return where.unknownBetas === 'refused'
        ? writeRejection(unknown, where.platform)
        : writeNotice(unknown, 'Not a beta in this catalog')
    },
  },
  {
    code: 'beta_refused',
    path: 'anthropic-beta',
    source: 'Beta headers, November 2025, and the pages of the platforms; texts from public issue reports',
    hint: 'Leave the beta out on this platform, or send the name that the platform uses.',
    test: ({ betas }, _model, where) => {
      const refused = listValues(betas, where).filter(
        (value) => isRefused(value, where.platform) && findBeta(value)?.uncertain === null,
      )
      return refused.length === 0 ? null : writeRejection(refused, where.platform)
    },
  },
]

export const modelBetaRules: readonly Rule[] = [
  {
    code: 'interleaved_beta_on_cloud',
    path: 'anthropic-beta',
    source: 'Extended thinking, November 2025; the pages of 2026 state that it is ignored; text inferred',
    hint: 'Leave the beta out for this model on this platform.',
    test: ({ betas }, model, { day, platform }) => {
      const beta = 'interleaved-thinking-2025-05-14'
      if (betas?.includes(beta) !== true || day >= '2026-01-01') return null
      if (platform !== 'bedrock' && platform !== 'vertex') return null
      return model.thinking?.interleaved === beta ? null : writeRejection([beta], platform)
    },
  },
  {
    code: 'beta_maybe_refused',
    path: 'anthropic-beta',
    source: 'BerriAI/litellm, its map of beta headers, 2026, and issue reports',
    hint: 'Leave the beta out if the platform rejects the call.',
    served: true,
    test: ({ betas }, _model, where) =>
      writeNotice(
        listValues(betas, where).filter(
          (value) => isRefused(value, where.platform) && findBeta(value)?.uncertain !== null,
        ),
        `May be rejected on ${where.platform} according to one weak source`,
      ),
  },
  {
    code: 'beta_idle',
    path: 'anthropic-beta',
    source: 'Beta headers, 2025 and 2026, and release notes',
    hint: 'Leave it out: it has no effect.',
    served: true,
    test: ({ betas }, _model, where) =>
      writeNotice(
        listValues(betas, where).filter((value) => isIdle(findBeta(value), where.day)),
        `Without effect on ${where.day}`,
      ),
  },
]

function listValues(betas: RequestFacts['betas'], { platformNamed }: CheckContext): readonly string[] {
  return platformNamed ? (betas ?? []) : []
}

/** Unknown, or, if dates apply, not released yet. */
function isUnknown(value: string, { lifecycle, today }: CheckContext): boolean {
  const beta = findBeta(value)
  return beta === null || (lifecycle !== 'ignore' && betaStateOn(beta, today) === 'not_yet')
}

/** Rejected, or accepted under another name only. */
function isRefused(value: string, platform: Platform): boolean {
  const form = findBeta(value) === null ? null : betaOn(value, platform)
  return form === false || (form !== null && form !== value)
}

function isIdle(beta: Beta | null, day: string): boolean {
  return beta !== null && betaStateOn(beta, day) === 'idle'
}

function writeNotice(values: readonly string[], what: string): string | null {
  return values.length === 0
    ? null
    : `${what}: ${values.map((value) => value.slice(0, maxShownLength)).join(', ')}.`
}

/**
 * Bedrock has its own text. The Claude API's text, which Google Cloud repeats, links to a page that has
 * moved since.
 */
function writeRejection(betas: readonly string[], platform: Platform): string {
  if (platform === 'bedrock') return invalidBedrockBeta
  const shown = betas.slice(0, maxShown).map((value) => `\`${value.slice(0, maxShownLength)}\``)
  return `Unexpected value(s) ${shown.join(', ')} for the \`anthropic-beta\` header. Please consult our documentation at docs.claude.com or try again without the header.`
}

export const invalidBedrockBeta = 'invalid beta flag'

/** The maximum number of unknown values that a text repeats. */
const maxShown = 10
const maxShownLength = 100
