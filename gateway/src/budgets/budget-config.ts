import { createHash } from 'node:crypto'

import { resolve } from '@anthology/catalog'
import type { Resolution } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'
import { parseTime } from '../time.ts'
import { readOwnPrice } from '../upstreams/own-price.ts'
import type { OwnPrice, OwnRates } from '../upstreams/own-price.ts'
import { maxLimitNanoUsd, parseUsd, printUsd } from './budget.ts'
import type { BudgetAction } from './budget.ts'
import type { BudgetSettings } from './budget-table.ts'
import { isLabelValue } from './labels.ts'
import { parseScope } from './scope.ts'
import { isTimezone } from './window.ts'
import type { WindowKind } from './window.ts'

/** A budget as users write it, in `anthology.yaml` and in the admin API. */
export interface BudgetInput {
  readonly scope: string
  /** US dollars as decimal text. */
  readonly limit: string
  readonly window: WindowKind
  readonly timezone?: string
  readonly rolling?: boolean
  readonly action?: BudgetAction
  readonly thresholds?: readonly number[]
  readonly models?: readonly string[] | null
  readonly raise?: { readonly to: string; readonly until: string } | null
}

/** A receiver of events. */
export interface WebhookConfig {
  readonly url: string
  /** Signs the events. */
  readonly secret: string
  /** Addresses of a private network are allowed. */
  readonly private?: boolean
}

/** The members of `anthology.yaml` about money. */
export interface BudgetsConfig {
  readonly budgets?: readonly BudgetInput[]
  readonly labels?: readonly string[]
  readonly workspaces?: readonly { readonly name: string }[]
  /** The price of models whose own price nobody knows. */
  readonly fallback_price?: OwnPrice
  readonly webhooks?: readonly WebhookConfig[]
}

export function readFallbackPrice({ fallback_price: price }: BudgetsConfig): OwnRates | null {
  return price === undefined ? null : readOwnPrice(price, 'fallback_price')
}

export const defaultThresholds: readonly number[] = [75, 95]

/** The reason why an input is no budget, with the member that is wrong. */
export class BudgetInputError extends Error {
  readonly member: string

  constructor(member: string, message: string) {
    super(message)
    this.member = member
  }
}

type ResolveModel = (name: string) => Resolution

/** Checks a budget as a user wrote it. Throws a BudgetInputError. */
export function readBudgetInput(
  input: BudgetInput,
  resolveModel: ResolveModel = (name) => resolve(name),
): BudgetSettings {
  const { scope, window, timezone = 'UTC', rolling = false, action = 'block' } = input
  const parsed = parseScope(scope)
  if (parsed === null)
    throw new BudgetInputError(
      'scope',
      'must be organization, workspace:NAME, member:NAME, key:NAME or label:NAME=VALUE',
    )
  if (parsed.kind === 'label' && !isLabelValue(parsed.value))
    throw new BudgetInputError(
      'scope',
      `no client can send the value ${JSON.stringify(parsed.value)}: a label has up to 128 visible ASCII characters without , and =`,
    )
  if (!isTimezone(timezone))
    throw new BudgetInputError(
      'timezone',
      `${JSON.stringify(timezone)} is no IANA time zone, such as Europe/Berlin`,
    )
  if (rolling && window === 'total')
    throw new BudgetInputError('rolling', 'a total has no window that could roll')
  return {
    scope,
    limitNanoUsd: readUsd('limit', input.limit),
    window,
    timezone,
    rolling,
    action,
    thresholds: [...new Set(input.thresholds ?? defaultThresholds)].sort((one, other) => one - other),
    models:
      input.models === undefined || input.models === null ? null : readModels(input.models, resolveModel),
    raise: input.raise === undefined || input.raise === null ? null : readRaise(input.raise),
  }
}

function readUsd(member: string, text: string): number {
  const nanoUsd = parseUsd(text)
  if (nanoUsd !== null) return nanoUsd
  const most = printUsd(maxLimitNanoUsd)
  throw new BudgetInputError(
    member,
    `must be US dollars as decimal text with at most nine decimals, such as "50", and at most ${most}`,
  )
}

function readModels(names: readonly string[], resolveModel: ResolveModel): readonly string[] {
  if (names.length === 0)
    throw new BudgetInputError('models', 'must name a model; leave it out for all models')
  const ids = names.map((name) => {
    const found = resolveModel(name)
    if (!found.ok)
      throw new BudgetInputError('models', `there is no model ${JSON.stringify(name.slice(0, 200))}`)
    return found.model.id
  })
  return [...new Set(ids)].toSorted()
}

function readRaise({ to, until }: { readonly to: string; readonly until: string }): BudgetSettings['raise'] {
  const untilMs = parseTime(until)
  if (untilMs === null)
    throw new BudgetInputError(
      'raise',
      'until must be a day or a time with its zone, such as 2026-12-31 or 2026-12-31T12:00:00Z',
    )
  return { toNanoUsd: readUsd('raise', to), untilMs }
}

/** The budgets of the configuration, with ids that stay the same as long as they count the same calls. Throws a GatewayError. */
export function readConfiguredBudgets(
  { budgets = [] }: BudgetsConfig,
  resolveModel?: ResolveModel,
): readonly (BudgetSettings & { readonly id: string })[] {
  const seen = new Map<string, number>()
  return budgets.map((input, index) => {
    const settings = readInput(input, index, resolveModel)
    const { scope, window, timezone, rolling, models, action } = settings
    const content = JSON.stringify([scope, window, timezone, rolling, models, action])
    const before = seen.get(content) ?? 0
    seen.set(content, before + 1)
    const hash = createHash('sha256').update(`${content} ${before}`).digest('hex')
    return { ...settings, id: `budget_${hash.slice(0, 20)}` }
  })
}

function readInput(input: BudgetInput, index: number, resolveModel?: ResolveModel): BudgetSettings {
  try {
    return readBudgetInput(input, resolveModel)
  } catch (error) {
    if (!(error instanceof BudgetInputError)) throw error
    throw new GatewayError('config_invalid', `budgets.${index}.${error.member}: ${error.message}`, {
      hint: 'docs/budgets.md describes the members of a budget.',
    })
  }
}

/** Throws a GatewayError for a budget that would limit nobody: of an unknown workspace, or of a label that no client may send. */
export function checkScopes(
  { budgets = [], labels = [] }: BudgetsConfig,
  workspaces: ReadonlySet<string>,
): void {
  for (const [index, { scope }] of budgets.entries()) {
    const parsed = parseScope(scope)
    if (parsed?.kind === 'label' && !labels.includes(parsed.name))
      throw new GatewayError('config_invalid', `budgets.${index}.scope: there is no label '${parsed.name}'`, {
        hint: 'Name it in labels of anthology.yaml: clients may only send those.',
      })
    if (parsed?.kind !== 'workspace' || workspaces.has(parsed.name)) continue
    throw new GatewayError(
      'config_invalid',
      `budgets.${index}.scope: there is no workspace '${parsed.name}'`,
      {
        hint: 'Name it in workspaces of anthology.yaml, or create it: anthology workspaces create NAME',
      },
    )
  }
}

/** Throws a GatewayError for a webhook to which no event would ever be sent. */
export function checkWebhooks({ webhooks = [] }: BudgetsConfig): void {
  for (const [index, { url, private: isPrivate = false }] of webhooks.entries())
    if (!isPrivate && !/^https:/i.test(url))
      throw new GatewayError('config_invalid', `webhooks.${index}.url: events are sent with https only`, {
        hint: 'Use https, or set private: true for a receiver in a private network.',
      })
}
