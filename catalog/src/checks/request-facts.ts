/** What is known of a request; a member that is missing was not sent or is not known, and rules on it stay silent. */
export interface RequestFacts {
  readonly max_tokens?: number | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly top_k?: number | undefined
  readonly thinking_type?: string | undefined
  readonly budget_tokens?: number | undefined
  /** `output_config.effort`. */
  readonly effort?: string | undefined
  /** A JSON schema for the answer was sent, in `output_config.format` or `output_format`. */
  readonly output_format?: boolean | undefined
  readonly inference_geo?: string | undefined
  readonly speed?: string | undefined
  readonly has_tools?: boolean | undefined
  /** The `type` of each tool that has one, `custom` left out. */
  readonly tool_types?: readonly string[] | undefined
  readonly tool_choice_type?: string | undefined
  /** The most web searches allowed, the sum of `max_uses`; missing where one of them sets none. */
  readonly web_search_max_uses?: number | undefined
  /** The values of `anthropic-beta`, or of the body's `anthropic_beta`. */
  readonly betas?: readonly string[] | undefined
  /** The whole prompt, cached tokens included. */
  readonly input_tokens?: number | undefined
  /** UTF-8 bytes of system, messages and tools as JSON, without the data of images and documents. */
  readonly input_bytes?: number | undefined
  /** Bytes of the whole body. */
  readonly body_bytes?: number | undefined
  readonly image_count?: number | undefined
  /** Documents that are not plain text: their length in tokens cannot be told from the body. */
  readonly document_count?: number | undefined
  /** The kinds of `source` of images and documents: `base64`, `url`, `file`, `text`, `content`. */
  readonly source_types?: readonly string[] | undefined
  /** The value of `anthropic-version`. */
  readonly api_version?: string | undefined
  readonly stream?: boolean | undefined
  /** The body is one request of a Message Batch. */
  readonly batch?: boolean | undefined
  /** The last message is the assistant's and does not begin with a thinking block. */
  readonly prefill?: boolean | undefined
  /** Where the last message stands in `messages`, from 0; only texts use it. */
  readonly last_message_index?: number | undefined
  /** One of `messages` has the role `system`. */
  readonly system_message?: boolean | undefined
  /** A document or search result asks for citations. */
  readonly citations?: boolean | undefined
  /** The time to live of each cache mark, `5m` where it says none; empty: nothing is marked. */
  readonly cache_ttls?: readonly string[] | undefined
  /** The names of the members of the body that are not null. */
  readonly body_members?: readonly string[] | undefined
  /** Each tool in order. */
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
  /** By the type of a block, the place of the first one in `messages`, such as `messages.0.content.1`. */
  readonly first_blocks?: Readonly<Record<string, string>> | undefined
  /** The place of the first image or document that names a file. */
  readonly file_block?: string | undefined
  /** The images whose data is in the request. */
  readonly images?: readonly ImageFact[] | undefined
  /** The PDFs whose data is in the request. */
  readonly pdfs?: readonly PdfFact[] | undefined
  /** The schema's objection to the place or content of a `system` message; it holds for models that take such messages. */
  readonly system_entry_problem?: string | undefined
}

export interface ToolFact {
  /** `custom` where the tool has none. */
  readonly type: string
  readonly members: readonly string[]
}

export interface ImageFact {
  /** As the schema writes it, such as `messages.0.content.1.image`. */
  readonly path: string
  /** As the request declares it. */
  readonly media_type: string
  /** The length of the base64 text. */
  readonly data_length: number
  /** Null: the data is no image; missing: nobody looked. */
  readonly size?: ImageSize | null | undefined
  /** The image must not be scaled down (`transformations.oversized_image`). */
  readonly unscaled: boolean
}

export interface ImageSize {
  readonly mediaType: string
  readonly width: number
  readonly height: number
}

export interface PdfFact {
  readonly path: string
  /** Null: the data is no PDF; missing: nobody looked. */
  readonly pages?: number | null | undefined
}
