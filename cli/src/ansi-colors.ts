import { styleText } from 'node:util'

interface Colors {
  readonly color: boolean
}

/** Bold text, if the terminal has colours. */
export function bold(text: string, { color }: Colors): string {
  return color ? styleText('bold', text, { validateStream: false }) : text
}

/** Dim text, if the terminal has colours. */
export function dim(text: string, { color }: Colors): string {
  return color ? styleText('dim', text, { validateStream: false }) : text
}

/** Colours the word that states a finding's severity; the word alone is sufficient without colour. */
export function tint(text: string, color: 'green' | 'yellow' | 'red', colors: Colors): string {
  return colors.color ? styleText(color, text, { validateStream: false }) : text
}
