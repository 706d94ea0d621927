import { ApiError } from '../../errors.ts'
import { sendBytes } from '../../http/respond.ts'
import { isTimeZone } from '../../ledger/calendar.ts'
import { components } from '../../ledger/call-row.ts'
import type { Invoice } from '../../ledger/invoice.ts'
import {
  isMonth,
  listInvoiceTerms,
  parsePercent,
  printTerms,
  removeInvoiceTerms,
  setInvoiceTerms,
} from '../../ledger/invoice-terms.ts'
import type { InvoiceTerms } from '../../ledger/invoice-terms.ts'
import { describeInvoice, listInvoiceCsv } from '../../ledger/invoice-text.ts'
import type { Change } from '../../organization/change.ts'
import { findWorkspace } from '../../organization/workspaces.ts'
import type { Workspace } from '../../organization/workspaces.ts'
import type { Queries } from '../../store/database.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  pageParameters,
} from './schema.ts'

const money = describeText('In US dollars, exact.')
const count = { type: 'integer' } as const

const invoiceSchema = describeObject(
  {
    workspace_id: { type: 'string' },
    month: describeText('Such as 2026-11.'),
    time_zone: describeText('The zone of the first and the last day of the month.'),
    currency: { enum: ['USD'] },
    lines: describeArray(
      describeObject({
        model: { type: 'string' },
        component: { enum: components },
        quantity: count,
        cost_usd: money,
      }),
      'A line for each model and component.',
    ),
    subtotal_usd: describeText('The sum of the lines, equal to that of the ledger.'),
    adjustment_percent: describeText('The markup, or with a minus the discount, of the workspace.'),
    adjustment_usd: money,
    total_usd: money,
    due_usd: describeText('The total in whole cents, rounded half to even.'),
    unpriced_calls: { ...count, description: 'Calls without a known price, which are in no line.' },
  },
  { title: 'Invoice' },
)

const timezone = describeText('The zone of the month, such as Europe/Berlin. Default: UTC.', {
  maxLength: 64,
})

async function readInvoice(request: AdminRequest): Promise<Invoice> {
  const { context, parameters, query } = request
  const { timezone: timeZone = 'UTC' } = query as { readonly timezone?: string } // Validated by the schema.
  if (!isTimeZone(timeZone)) throw createError('timezone', `${timeZone} is not known`)
  const month = parameters['month'] ?? ''
  requireMonth('month', month)
  const { id: workspaceId } = await findVisibleWorkspace(context.database, request)
  return request.read('createInvoice', { workspaceId, month, timeZone })
}

/** Finds the workspace of the path. Throws an error for one that the caller may not see. */
async function findVisibleWorkspace(
  queries: Queries,
  { caller, parameters }: AdminRequest,
): Promise<Workspace> {
  const workspace = await findWorkspace(queries, parameters['id'] ?? '')
  if (caller.workspaces?.has(workspace.id) === false)
    throw new ApiError('unknown_resource', `there is no workspace '${workspace.id}'`)
  return workspace
}

function requireMonth(member: string, text: string): void {
  if (!isMonth(text)) throw createError(member, 'must be a month such as 2026-11')
}

function createError(member: string, problem: string): ApiError {
  return new ApiError('bad_request', `${member}: ${problem}`, undefined, { details: { member } })
}

async function sendCsv(request: AdminRequest): Promise<'sent'> {
  const lines = listInvoiceCsv(await readInvoice(request))
  const { id, response } = request.exchange
  const headers = { 'content-type': 'text/csv; charset=utf-8', 'request-id': id, 'cache-control': 'no-store' }
  sendBytes(response, 200, headers, Buffer.from(`${lines.join('\n')}\n`))
  return 'sent'
}

const termsSchema = describeObject(
  {
    workspace_id: { type: 'string' },
    from_month: describeText('The first month for which they are valid, such as 2026-11.'),
    adjustment_percent: describeText('The markup, or with a minus the discount, such as +12.5.'),
  },
  { title: 'InvoiceTerms' },
)

const termsInput = describeObject({
  from_month: describeText('The first month for which they are valid, such as 2026-11.', { maxLength: 20 }),
  adjustment_percent: describeText(
    'The markup, or with a minus the discount (at most 100), with at most four decimals, such as 12.5.',
    { maxLength: 20 },
  ),
})

async function listTerms(request: AdminRequest): Promise<object> {
  const { context, query } = request
  const { limit, after } = query as PageQuery // Validated by the schema.
  const place = decodePlace(after, ['string'])
  const { id } = await findVisibleWorkspace(context.database, request)
  const from = place === null ? {} : { after: String(place[0]) }
  const rows = await listInvoiceTerms(context.database, id, { ...from, limit: limit + 1 })
  return makePage(rows, limit, { print: printTerms, place: ({ fromMonth }) => [fromMonth] })
}

async function setTerms(request: AdminRequest, queries: Queries): Promise<Change<object>> {
  const { from_month: fromMonth, adjustment_percent: percent } = request.body as {
    readonly from_month: string
    readonly adjustment_percent: string
  } // Validated by the schema.
  requireMonth('from_month', fromMonth)
  const adjustmentPpm = parsePercent(percent)
  if (adjustmentPpm === null)
    throw createError('adjustment_percent', 'must be percent from -100 to 9999.9999, such as 12.5')
  const { id: workspaceId } = await findVisibleWorkspace(queries, request)
  const terms = { workspaceId, fromMonth, adjustmentPpm }
  return printResult(await setInvoiceTerms(queries, terms, request.context.nowMs()))
}

async function removeTerms(request: AdminRequest, queries: Queries): Promise<Change<object>> {
  const { id } = await findVisibleWorkspace(queries, request)
  return printResult(await removeInvoiceTerms(queries, id, request.parameters['month'] ?? ''))
}

function printResult(change: Change<InvoiceTerms>): Change<object> {
  return { ...change, result: printTerms(change.result) }
}

const termsPath = '/admin/v1/workspaces/{id}/invoice-terms'
const termsExample = { parameters: { id: 'default', month: '2026-11' } }

const path = '/admin/v1/workspaces/{id}/invoices/{month}'
const example = { parameters: { id: 'default', month: '2026-11' }, query: 'timezone=Europe/Berlin' }

export const invoiceRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    roles: ['billing', 'viewer'],
    operation: 'getInvoice',
    summary: 'Makes the invoice of a workspace and month from the ledger',
    query: describeOptions({ timezone }),
    answer: invoiceSchema,
    example,
    serve: async (request) => describeInvoice(await readInvoice(request)),
  },
  {
    method: 'GET',
    path: `${path}/csv`,
    roles: ['billing', 'viewer'],
    operation: 'getInvoiceCsv',
    summary: 'Makes the invoice as CSV; a markup or discount is its last line',
    query: describeOptions({ timezone }),
    answer: { type: 'string' },
    mediaType: 'text/csv',
    example,
    serve: sendCsv,
  },
  {
    method: 'GET',
    path: termsPath,
    roles: ['billing', 'viewer'],
    operation: 'listInvoiceTerms',
    summary: 'Lists the markups and discounts of a workspace by the month from which they are valid',
    query: describeOptions(pageParameters),
    answer: describePage(termsSchema),
    example: { ...termsExample, query: 'limit=10' },
    serve: listTerms,
  },
  {
    method: 'POST',
    path: termsPath,
    roles: ['billing'],
    operation: 'setInvoiceTerms',
    summary: 'Sets the markup or discount of a workspace from a month on',
    body: termsInput,
    answer: termsSchema,
    example: { ...termsExample, body: { from_month: '2026-11', adjustment_percent: '12.5' } },
    change: setTerms,
  },
  {
    method: 'DELETE',
    path: `${termsPath}/{month}`,
    roles: ['billing'],
    operation: 'removeInvoiceTerms',
    summary: 'Removes the terms that begin in a month; those before them are valid on',
    answer: termsSchema,
    example: termsExample,
    change: removeTerms,
  },
]
