import type { CommandEntry } from './command.ts'

/** All commands; a module is loaded only when its command runs, so that `models` does not load the server. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'Start the gateway, by default in front of the offline emulator',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'init',
    summary: 'Write a first anthology.yaml, with examples to switch on',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'emulate',
    summary: 'Start the offline emulator without the gateway',
    load: () => import('./commands/emulate.ts'),
  },
  {
    name: 'models',
    summary: 'Compare the models, or show one in full',
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'resolve',
    summary: 'Find the model for a name, and its names on every platform',
    load: () => import('./commands/resolve.ts'),
  },
  {
    name: 'price',
    summary: 'Compute the cost of a call, exact to the nano-dollar',
    load: () => import('./commands/price.ts'),
  },
  {
    name: 'check',
    summary: 'Check a request on every platform, and estimate its cost',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'explain',
    summary: 'Show which upstreams a request would go to, and why',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'migrate',
    summary: 'Move code and configuration to another model: a diff, or --write',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'replay',
    summary: 'Send recorded requests to another model, and compare the answers',
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'lint',
    summary: 'Find retired models and refused requests, without edits',
    load: () => import('./commands/lint.ts'),
  },
  {
    name: 'calendar',
    summary: 'List the retirement dates of models, soonest first',
    load: () => import('./commands/calendar.ts'),
  },
  {
    name: 'console',
    summary: 'Print a link that signs a browser in at the console once',
    load: () => import('./commands/console.ts'),
  },
  {
    name: 'chat',
    summary: 'Chat with a model through a running server',
    load: () => import('./commands/chat.ts'),
  },
  {
    name: 'usage',
    summary: 'Show cost and tokens by model, key, workspace, label, day and more',
    load: () => import('./commands/usage.ts'),
  },
  {
    name: 'invoice',
    summary: 'Make the invoice of a workspace and month',
    load: () => import('./commands/invoice.ts'),
  },
  {
    name: 'reconcile',
    summary: "Compare a provider's reports or bills with the ledger",
    load: () => import('./commands/reconcile.ts'),
  },
  {
    name: 'rerate',
    summary: 'Price stored calls again after a corrected price',
    load: () => import('./commands/rerate.ts'),
  },
  {
    name: 'keys',
    summary: 'Create, list, change, rotate and revoke keys of the gateway',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'workspaces',
    summary: 'Create, list, rename and archive workspaces',
    load: () => import('./commands/workspaces.ts'),
  },
  {
    name: 'members',
    summary: 'Create, list, change and archive members',
    load: () => import('./commands/members.ts'),
  },
  {
    name: 'store',
    summary: 'Copy and compare stores, in SQLite and in PostgreSQL',
    load: () => import('./commands/store.ts'),
  },
  {
    name: 'backup',
    summary: 'Write all tables into a file, while the server runs',
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'Put rows of a backup back, while the server runs',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'budgets',
    summary: 'Create, list, change and delete budgets',
    load: () => import('./commands/budgets.ts'),
  },
  {
    name: 'routing',
    summary: 'Change aliases and weights while the server runs',
    load: () => import('./commands/routing.ts'),
  },
  {
    name: 'doctor',
    summary: 'Check configuration, data folder, server, upstreams and clock',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'conform',
    summary: 'Check that a gateway does all that Claude Code needs of it',
    load: () => import('./commands/conform.ts'),
  },
]
