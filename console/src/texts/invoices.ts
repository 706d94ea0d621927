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
  unpriced: (count: string) =>
    count === '1'
      ? '1 call has no price and is in no line.'
      : `${count} calls have no price and are in no line.`,
  empty: 'The workspace has no call with a cost in this month. Choose another month or workspace above.',
  terms: 'Markup or discount',
  termsCaption: (workspace: string) => `Markups and discounts of ${workspace}`,
  noTerms: 'The workspace pays what its calls cost.',
  from: 'From month',
  percent: 'Percent',
  percentField: 'Percent, such as 12.5, or -5 for a discount',
  actions: 'Actions',
  set: 'Set',
  setTitle: (workspace: string) => `Markup or discount of ${workspace}`,
  setText: 'It is valid from this month on, until a later one begins.',
  remove: 'Remove',
  removeLabel: (month: string) => `Remove the terms from ${month} on`,
} as const
