export const invoiceTexts = {
  lead: 'The invoice of a workspace and month, made from the ledger: a line for each model and component, exact to the nano-dollar.',
  workspace: 'Workspace',
  month: 'Month',
  zone: 'Days of',
  csv: 'CSV',
  caption: (workspace: string, month: string) => `Invoice of ${workspace} for ${month}`,
  columns: { model: 'Model', component: 'Component', quantity: 'Quantity', cost: 'Cost' },
  subtotal: 'Subtotal, equal to the ledger',
  adjustment: (percent: string) =>
    `${percent.startsWith('-') ? 'Discount' : 'Markup'} of ${percent.slice(1)} %`,
  total: 'Total',
  due: 'Due, in whole cents',
  unpriced: (count: string) => `${count} calls have no price and are in no line.`,
  empty: 'The workspace has no call with a cost in this month.',
} as const
