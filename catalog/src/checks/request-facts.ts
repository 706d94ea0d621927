/** What is known of a request; a member that is missing was not sent or is not known, and rules on it stay silent. */
export type RequestFacts = {
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
  /** A `document` block stands directly in an assistant message. */
  readonly assistant_document?: boolean | undefined
  /** A text block of a user message, or one within a search result, has citations in it. */
  readonly user_citations?: boolean | undefined
  /** A document or search result asks for citations. */
  readonly citations?: boolean | undefined
  /** The time to live of each cache mark, `5m` where it says none; empty: nothing is marked. */
  readonly cache_ttls?: readonly string[] | undefined
  /** The names of the members of the body. */
  readonly body_members?: readonly string[] | undefined
}
