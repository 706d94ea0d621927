import { styleText } from 'node:util'

interface Colors {
  readonly color: boolean
}

/** Text that stands out, where the terminal can show it. */
export function bold(text: string, { color }: Colors): string {
  return color ? styleText('bold', text, { validateStream: false }) : text
}

/** Text that stands back, where the terminal can show it. */
export function dim(text: string, { color }: Colors): string {
  return color ? styleText('dim', text, { validateStream: false }) : text
}

/** How a finding is told apart at a glance; the word beside it says the same without colour. */
export function tint(text: string, color: 'green' | 'yellow' | 'red', colors: Colors): string {
  return colors.color ? styleText(color, text, { validateStream: false }) : text
}
