import { queryOptions } from '@tanstack/react-query'

import type { Component } from './calls.ts'
import { printQuery, request } from './client.ts'
import type { ListPage } from './list-page.ts'

/** The invoice of a workspace and month. Money is exact, but for `due_usd`, which is in whole cents. */
export interface Invoice {
  readonly workspace_id: string
  /** Such as 2026-11. */
  readonly month: string
  readonly time_zone: string
  readonly lines: readonly {
    readonly model: string
    readonly component: Component
    readonly quantity: number
    readonly cost_usd: string
  }[]
  readonly subtotal_usd: string
  /** The markup, or with a minus the discount, such as `+12.5`. */
  readonly adjustment_percent: string
  readonly adjustment_usd: string
  readonly total_usd: string
  readonly due_usd: string
  readonly unpriced_calls: number
}

export interface InvoiceChoice {
  readonly workspace: string
  readonly month: string
  readonly timezone: string
}

export function invoiceQuery(choice: InvoiceChoice) {
  return queryOptions({
    queryKey: ['invoice', choice],
    queryFn: ({ signal }) =>
      request<Invoice>(getPath(choice), { query: { timezone: choice.timezone }, signal }),
  })
}

/** The address of the invoice as a CSV file. */
export function getInvoiceCsvUrl(choice: InvoiceChoice): string {
  return `${getPath(choice)}/csv${printQuery({ timezone: choice.timezone })}`
}

/** A markup, or with a minus a discount, that is valid from a month on. */
export interface InvoiceTerms {
  readonly from_month: string
  /** Such as `+12.5`. */
  readonly adjustment_percent: string
}

export function invoiceTermsQuery(workspace: string) {
  return queryOptions({
    queryKey: ['invoice', 'terms', workspace],
    queryFn: ({ signal }) =>
      request<ListPage<InvoiceTerms>>(getTermsPath(workspace), { query: { limit: 1_000 }, signal }),
  })
}

export function setInvoiceTerms(workspace: string, terms: InvoiceTerms): Promise<InvoiceTerms> {
  return request(getTermsPath(workspace), { method: 'POST', body: terms })
}

export function removeInvoiceTerms(workspace: string, month: string): Promise<InvoiceTerms> {
  return request(`${getTermsPath(workspace)}/${encodeURIComponent(month)}`, { method: 'DELETE' })
}

function getTermsPath(workspace: string): string {
  return `/admin/v1/workspaces/${encodeURIComponent(workspace)}/invoice-terms`
}

function getPath({ workspace, month }: InvoiceChoice): string {
  return `/admin/v1/workspaces/${encodeURIComponent(workspace)}/invoices/${encodeURIComponent(month)}`
}
