import { boolean, integer, nullable, optional, orNull, record, required, tagged, text } from './shape.ts'
import type { Member, Members, Shape } from './shape.ts'

/**
 * A citation that a client sends back (docs.claude.com, build-with-claude/citations, Nov 2025; members from
 * the types of SDK 1.12, 2026). `file_id` occurs in responses, which clients send back unchanged.
 */
export const citation: Shape = tagged({
  char_location: inDocument({ start_char_index: required(integer(0)), end_char_index: required(integer(0)) }),
  page_location: inDocument({
    start_page_number: required(integer(1)),
    end_page_number: required(integer(1)),
  }),
  content_block_location: inDocument({
    start_block_index: required(integer(0)),
    end_block_index: required(integer(0)),
  }),
  search_result_location: located({
    source: required(text),
    title: titleOrNull(),
    search_result_index: required(integer(0)),
    start_block_index: required(integer(0)),
    end_block_index: required(integer(0)),
  }),
  web_search_result_location: located({
    url: required({ kind: 'text', min: 1 }),
    title: titleOrNull(512),
    encrypted_index: required(text),
  }),
})

export const citationSwitch: Member = orNull(record({ enabled: optional(boolean) }))

function inDocument(members: Members): Shape {
  return located({
    document_index: required(integer(0)),
    document_title: titleOrNull(255),
    ...members,
    file_id: orNull(text),
  })
}

function located(members: Members): Shape {
  return record({ type: required(text), cited_text: required(text), ...members })
}

function titleOrNull(max = Infinity): Member {
  return required(nullable({ kind: 'text', max }))
}
