import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { serverQuery } from '../api/server.ts'
import { retentionTexts as texts } from '../texts/retention.ts'
import { formatCount } from './format.ts'

interface RetentionNoteProps {
  readonly of: 'calls' | 'rollups'
  /** The begin of the period that is asked for; undefined: the period goes as far back as there are calls. */
  readonly since: string | number | undefined
  /** More about the calls that are removed. */
  readonly children?: ReactNode
}

/** States what retention has removed of the period that is asked for; nothing if it begins later. */
export function RetentionNote({ of, since, children }: RetentionNoteProps) {
  const kept = useQuery(serverQuery).data?.retention[of]
  if (kept === undefined || kept.since === null) return null
  if (since !== undefined && !(new Date(since) < new Date(kept.since))) return null
  return (
    <p className="notice" role="note">
      {texts.removed[of](formatCount(kept.days), kept.since.slice(0, 10))} {children}
    </p>
  )
}
