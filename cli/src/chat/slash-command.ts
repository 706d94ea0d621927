/** A parsed line of the chat. */
export type SlashCommand =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'command'; readonly name: SlashName; readonly text: string }
  | { readonly kind: 'unknown'; readonly name: string }

export type SlashName = (typeof slashCommands)[number]['name']

/** The commands of a conversation, in the order of `/help`. */
export const slashCommands = [
  { name: 'model', value: 'NAME', help: 'switch to another model; without a name, show the current one' },
  { name: 'image', value: 'PATH', help: 'add an image to the next turn' },
  { name: 'system', value: 'TEXT', help: 'set the system prompt; without a text, remove it' },
  { name: 'cost', value: '', help: 'show the cost so far' },
  { name: 'clear', value: '', help: 'start over; model and system prompt remain' },
  { name: 'help', value: '', help: 'show this list' },
  { name: 'quit', value: '', help: 'leave (also Ctrl-D, or Ctrl-C twice)' },
] as const

/** A line that begins with a slash and a letter is a command; `//` escapes a leading slash. */
export function parseLine(line: string): SlashCommand {
  const text = line.trim()
  if (text.startsWith('//')) return { kind: 'message', text: text.slice(1) }
  const match = /^\/(?<name>[a-z]+)(?:\s+(?<rest>[^]*))?$/i.exec(text)
  if (match === null) return { kind: 'message', text }
  const name = match.groups?.['name']?.toLowerCase() ?? ''
  const known = slashCommands.find((command) => command.name === name)
  const rest = match.groups?.['rest'] ?? ''
  return known === undefined ? { kind: 'unknown', name } : { kind: 'command', name: known.name, text: rest }
}
