import {
  boolean,
  chosen,
  integer,
  list,
  literal,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
} from './shape.ts'
import type { Members, Shape } from './shape.ts'

/**
 * Results of the API's own tools, as a client sends them back (docs.claude.com, agents-and-tools, Nov 2025;
 * members from the types of SDK 1.12, 2026). Error codes are not restricted, because every version added
 * some.
 */
const type = required(text)
const error = record({ type, error_code: required(text), error_message: orNull(text) })

const searchHit = record({
  type,
  url: required(text),
  title: required(text),
  encrypted_content: required(text),
  page_age: orNull(text),
})
const searchHits = list(tagged({ web_search_result: searchHit }))
const searchError = tagged({ web_search_tool_result_error: error })

export const searched: Shape = chosen((value) => (Array.isArray(value) ? searchHits : searchError))

export const fetched = (document: Shape): Shape =>
  tagged({
    web_fetch_result: record({
      type,
      url: required(text),
      content: required(tagged({ document })),
      retrieved_at: orNull(text),
    }),
    web_fetch_tool_result_error: error,
  })

const outputs = required(list(record({ type, file_id: required(text) })))
const ran = (members: Members): Shape =>
  record({ type, ...members, stderr: required(text), return_code: required(integer()), content: outputs })

export const codeResult: Shape = tagged({
  code_execution_result: ran({ stdout: required(text) }),
  encrypted_code_execution_result: ran({ encrypted_stdout: required(text) }),
  code_execution_tool_result_error: error,
  bash_code_execution_result: ran({ stdout: required(text) }),
  bash_code_execution_tool_result_error: error,
})

const line = orNull(integer(0))

export const viewed: Shape = tagged({
  text_editor_code_execution_view_result: record({
    type,
    content: required(text),
    file_type: required(literal('text', 'image', 'pdf')),
    num_lines: line,
    start_line: line,
    total_lines: line,
  }),
  text_editor_code_execution_create_result: record({
    type,
    is_file_update: required(boolean),
  }),
  text_editor_code_execution_str_replace_result: record({
    type,
    lines: orNull(list(text)),
    new_lines: line,
    new_start: line,
    old_lines: line,
    old_start: line,
  }),
  text_editor_code_execution_tool_result_error: error,
})

export const toolSearched = (toolReference: Shape): Shape =>
  tagged({
    tool_search_tool_search_result: record({
      type,
      tool_references: optional(list(tagged({ tool_reference: toolReference }))),
    }),
    tool_search_tool_result_error: error,
  })
