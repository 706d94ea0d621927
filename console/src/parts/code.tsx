import { CopyButton } from './copy-button.tsx'

interface CodeProps {
  readonly text: string
  /** The name of the text for a screen reader. */
  readonly label: string
  readonly wraps?: boolean
}

/** A text to copy. It can be focused, so that the keyboard can scroll it. */
export function Code({ text, label, wraps = false }: CodeProps) {
  return (
    <div className={wraps ? 'code wraps' : 'code'}>
      <pre tabIndex={0} aria-label={label} role="region">
        {text}
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  )
}
