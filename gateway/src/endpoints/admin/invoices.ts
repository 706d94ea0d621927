import { ApiError } from '../../errors.ts'
import { sendBytes } from '../../http/respond.ts'
import { isTimeZone } from '../../ledger/calendar.ts'
import { components } from '../../ledger/call-row.ts'
import { createInvoice } from '../../ledger/invoice.ts'
import type { Invoice } from '../../ledger/invoice.ts'
import { describeInvoice, listInvoiceCsv } from '../../ledger/invoice-text.ts'
import { findWorkspace } from '../../organization/workspaces.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeOptions, describeText } from './schema.ts'

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

async function read({ context, caller, parameters, query }: AdminRequest): Promise<Invoice> {
  const { timezone: timeZone = 'UTC' } = query as { readonly timezone?: string } // Validated by the schema.
  if (!isTimeZone(timeZone)) throw createError('timezone', `${timeZone} is not known`)
  const month = parameters['month'] ?? ''
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) throw createError('month', 'must be a month such as 2026-11')
  const workspace = await findWorkspace(context.database, parameters['id'] ?? '')
  if (caller.workspaces?.has(workspace.id) === false)
    throw new ApiError('unknown_resource', `there is no workspace '${workspace.id}'`)
  return createInvoice(context.database, { workspaceId: workspace.id, month, timeZone })
}

function createError(member: string, problem: string): ApiError {
  return new ApiError('bad_request', `${member}: ${problem}`, undefined, { details: { member } })
}

async function sendCsv(request: AdminRequest): Promise<'sent'> {
  const lines = listInvoiceCsv(await read(request))
  const { id, response } = request.exchange
  const headers = { 'content-type': 'text/csv; charset=utf-8', 'request-id': id, 'cache-control': 'no-store' }
  sendBytes(response, 200, headers, Buffer.from(`${lines.join('\n')}\n`))
  return 'sent'
}

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
    serve: async (request) => describeInvoice(await read(request)),
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
]
