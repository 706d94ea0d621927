import { styleText } from 'node:util'

type Ink = { readonly color: boolean }

/** Text that stands out, where the terminal can show it. */
export function bold(text: string, { color }: Ink): string {
  return color ? styleText('bold', text, { validateStream: false }) : text
}

/** Text that stands back, where the terminal can show it. */
export function dim(text: string, { color }: Ink): string {
  return color ? styleText('dim', text, { validateStream: false }) : text
}
