import { diffLines } from 'diff'

import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { printContent } from './saved-content.ts'

const texts = playgroundTexts.prompts

interface DiffViewProps {
  readonly before: SavedContent
  readonly after: SavedContent
}

/** The lines that differ between two versions; a sign and a word say it besides the colour. */
export function DiffView({ before, after }: DiffViewProps) {
  const parts = diffLines(printContent(before), printContent(after))
  if (parts.every(({ added, removed }) => !added && !removed)) return <p className="muted">{texts.same}</p>
  return (
    <pre className="diff" tabIndex={0} role="region" aria-label={texts.diff}>
      {parts.map(({ value, added, removed }, index) => {
        const [className, sign] = added ? ['diff-added', '+ '] : removed ? ['diff-removed', '- '] : ['', '  ']
        const lines = value.replace(/\n$/, '').split('\n')
        const text = lines.map((line) => `${sign}${line}\n`).join('')
        return added ? (
          <ins key={index} className={className}>
            {text}
          </ins>
        ) : removed ? (
          <del key={index} className={className}>
            {text}
          </del>
        ) : (
          <span key={index}>{text}</span>
        )
      })}
    </pre>
  )
}
