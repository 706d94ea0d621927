import type { CommandEntry } from './command.ts'

/**
 * All commands; a module is loaded only when its command runs, so that `models` does not load the server.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'Start the gateway; unconfigured, the offline emulator answers',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'emulate',
    summary: 'Start the offline emulator alone, on a port of its own',
    load: () => import('./commands/emulate.ts'),
  },
  {
    name: 'models',
    summary: 'Compare the models, or show one in full',
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'resolve',
    summary: 'Say which model a name means, on every platform',
    load: () => import('./commands/resolve.ts'),
  },
  {
    name: 'price',
    summary: 'Work out what a call costs, to the nano-dollar',
    load: () => import('./commands/price.ts'),
  },
  {
    name: 'check',
    summary: 'Say what would be refused of a request, where, and what it can cost',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'calendar',
    summary: 'Which models retire when, the soonest first',
    load: () => import('./commands/calendar.ts'),
  },
  {
    name: 'chat',
    summary: 'Talk to a model through a running server',
    load: () => import('./commands/chat.ts'),
  },
  {
    name: 'usage',
    summary: 'What was spent, by model, key, day, upstream, protocol or outcome',
    load: () => import('./commands/usage.ts'),
  },
  {
    name: 'keys',
    summary: 'Make, list and revoke keys of the gateway',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'doctor',
    summary: 'Look at configuration, data folder, server, upstreams and clock',
    load: () => import('./commands/doctor.ts'),
  },
]
