import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import { callBodiesQuery } from '../../api/call-bodies.ts'
import type { CallBodies } from '../../api/call-bodies.ts'
import { callQuery } from '../../api/calls.ts'
import type { CallWithAttempts } from '../../api/calls.ts'
import { conversationTexts as texts } from '../../texts/conversation.ts'
import type { Draft } from './draft.ts'
import { readRequest } from './read-request.ts'

/**
 * Loads the stored request of the call that the address names, with its model, once. Returns why it could not be loaded,
 * or null.
 */
export function useStoredRequest(
  id: string | undefined,
  load: (draft: Draft, model: string) => void,
): string | null {
  const loaded = useRef<string | null>(null)
  const enabled = id !== undefined && id !== loaded.current
  const call = useQuery({ ...callQuery(id ?? ''), enabled })
  const bodies = useQuery({ ...callBodiesQuery(id ?? ''), enabled })
  const read = readStored(call.data, bodies.data)
  useEffect(() => {
    if (!enabled || call.data === undefined || typeof read !== 'object' || read === null) return
    loaded.current = id
    load(read, call.data.call.model)
  })
  if (id === undefined) return null
  return typeof read === 'string' ? read : ((call.error ?? bodies.error)?.message ?? null)
}

/** A text is the reason why there is no draft; null: it is not known yet. */
function readStored(
  found: CallWithAttempts | undefined,
  bodies: CallBodies | undefined,
): Draft | string | null {
  if (found === undefined || bodies === undefined) return null
  const { request, absent_because: reason } = bodies
  if (request === null) return texts.absent[reason ?? 'not_found']
  if (request.truncated) return texts.cutRequest
  const betas = (found.call.headers?.request['anthropic-beta'] ?? '').split(',').map((name) => name.trim())
  return (
    readRequest(
      request.text,
      betas.filter((name) => name !== ''),
    ) ?? texts.unreadable
  )
}
