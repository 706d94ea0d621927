export type WireErrorCode =
  | 'conflicting_edits'
  | 'event_out_of_order'
  | 'frame_header_overrun'
  | 'frame_header_repeated'
  | 'frame_header_type'
  | 'frame_headers_too_long'
  | 'frame_lengths'
  | 'frame_message_crc'
  | 'frame_payload'
  | 'frame_prelude_crc'
  | 'frame_too_long'
  | 'frame_truncated'
  | 'member_exists'
  | 'member_missing'
  | 'member_not_read'
  | 'splice_not_permitted'
  | 'sse_bad_event_name'
  | 'sse_broken_json'
  | 'sse_frame_too_long'

/** The error class of this package. The message never quotes data from a client or upstream. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
