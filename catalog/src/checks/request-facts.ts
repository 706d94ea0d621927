/** The known facts of a request. A missing member was not sent or is not known, and its rules report nothing. */
export interface RequestFacts {
  readonly max_tokens?: number | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly top_k?: number | undefined
  readonly thinking_type?: string | undefined
  readonly budget_tokens?: number | undefined
  /** `output_config.effort`. */
  readonly effort?: string | undefined
  /** The request has a JSON schema for the answer, in `output_config.format` or `output_format`. */
  readonly output_format?: boolean | undefined
  readonly inference_geo?: string | undefined
  readonly speed?: string | undefined
  readonly has_tools?: boolean | undefined
  /** The `type` of each tool that has one, except `custom`. */
  readonly tool_types?: readonly string[] | undefined
  readonly tool_choice_type?: string | undefined
  /** The maximum number of web searches: the sum of `max_uses`; missing if any tool sets no limit. */
  readonly web_search_max_uses?: number | undefined
  /** The values of `anthropic-beta`, or of the body's `anthropic_beta`. */
  readonly betas?: readonly string[] | undefined
  /** The whole prompt, including cached tokens. */
  readonly input_tokens?: number | undefined
  /** UTF-8 bytes of system, messages and tools as JSON, without the data of images and documents. */
  readonly input_bytes?: number | undefined
  /** The size of the whole body in bytes. */
  readonly body_bytes?: number | undefined
  readonly image_count?: number | undefined
  /** Documents other than plain text: their token count cannot be derived from the body. */
  readonly document_count?: number | undefined
  /** The kinds of `source` of images and documents: `base64`, `url`, `file`, `text`, `content`; and `container_upload`. */
  readonly source_types?: readonly string[] | undefined
  /** The value of `anthropic-version`. */
  readonly api_version?: string | undefined
  readonly stream?: boolean | undefined
  /** The body is one request of a Message Batch. */
  readonly batch?: boolean | undefined
  /** The last message is the assistant's and does not begin with a thinking block. */
  readonly prefill?: boolean | undefined
  /** The index of the last message; used in texts only. */
  readonly last_message_index?: number | undefined
  /** One of `messages` has the role `system`. */
  readonly system_message?: boolean | undefined
  /** A document or search result enables citations. */
  readonly citations?: boolean | undefined
  /** The time to live of each `cache_control`, `5m` by default; empty: none. */
  readonly cache_ttls?: readonly string[] | undefined
  /** The names of the body's members that are not null. */
  readonly body_members?: readonly string[] | undefined
  /** The tools in order. */
  readonly tools?: readonly ToolFact[] | undefined
  readonly thinking_display?: string | undefined
  /** The names of the members of `thinking`, `output_config` and `container` that are not null. */
  readonly thinking_members?: readonly string[] | undefined
  readonly config_members?: readonly string[] | undefined
  readonly container_members?: readonly string[] | undefined
  /** The `type` of each of `context_management.edits`, in order. */
  readonly edit_types?: readonly string[] | undefined
  /** The role of the first message. */
  readonly first_role?: string | undefined
  /** The index of the first message that has `clear_at`, or `output_config`. */
  readonly clear_at_index?: number | undefined
  readonly message_config_index?: number | undefined
  /** For each block type, the path of the first such block, such as `messages.0.content.1`. */
  readonly first_blocks?: Readonly<Record<string, string>> | undefined
  /** The path of the first image or document with a file id. */
  readonly file_block?: string | undefined
  /** The images whose data is in the request. */
  readonly images?: readonly ImageFact[] | undefined
  /** The PDFs whose data is in the request. */
  readonly pdfs?: readonly PdfFact[] | undefined
  /** The schema's error about the position or content of a `system` message, for models that accept such messages. */
  readonly system_entry_problem?: string | undefined
}

export interface ToolFact {
  /** `custom` if the tool has no type. */
  readonly type: string
  readonly members: readonly string[]
  /** The model that the tool calls, such as an advisor. */
  readonly model?: string | undefined
}

export interface ImageFact {
  /** In the schema's notation, such as `messages.0.content.1.image`. */
  readonly path: string
  /** The type declared in the request. */
  readonly media_type: string
  /** The length of the base64 text. */
  readonly data_length: number
  /** Null: the data is not an image; missing: the data was not examined. */
  readonly size?: ImageSize | null | undefined
  /** `transformations.oversized_image` forbids scaling the image down. */
  readonly unscaled: boolean
}

export interface ImageSize {
  readonly mediaType: string
  readonly width: number
  readonly height: number
}

export interface PdfFact {
  readonly path: string
  /** Null: the data is not a PDF; missing: the data was not examined. */
  readonly pages?: number | null | undefined
}
