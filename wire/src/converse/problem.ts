/** An invalid body in AWS's form, with status 400: the type for `x-amzn-errortype` and the text for `message`. */
export interface ConverseProblem {
  readonly type: 'ValidationException' | 'SerializationException'
  readonly message: string
}

/** A path into a body, from its root. */
export type BodyPath = readonly (string | number)[]

/**
 * Texts of Bedrock as reported in the issue trackers of its clients, 2025 and 2026. Paths are dotted and
 * zero-based.
 */
export const observedTexts = {
  blankText: (path: BodyPath, owner: string) =>
    `The text field in the ${owner} object at ${dotted(path)} is blank. Add text to the text field, and try again.`,
  emptyMessage: (path: BodyPath) =>
    `The content field in the Message object at ${dotted(path)} is empty. Add a ContentBlock object to the content field and try again.`,
  emptyErrorResult: (path: BodyPath) =>
    `The content field at ${dotted(path)} cannot be empty when status value is error.`,
  noSuchMember: (path: BodyPath, owner: string, members: readonly string[]) =>
    `${owner} object at ${dotted(path)} must set one of the following keys: ${members.join(', ')}.`,
  notOneOf: (path: BodyPath, values: readonly string[]) =>
    `The value at ${dotted(path)} must be one of the following: ${values.join(', ')}.`,
  notAnObject: (path: BodyPath) =>
    `The format of the value at ${dotted(path)} is invalid. Provide a json object for the field and try again.`,
  nothingToCache: () => 'There is nothing available to cache.',
  cacheAfterReasoning: () =>
    'Cache point cannot be inserted after reasoning block. Please remove the invalid cache point and try again.',
  documentName: () =>
    "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character. Check that the file name conforms to these restrictions and retry your request.",
  sameDocumentName: () =>
    "Messages can't contain duplicate document names. Rename the document and retry your request.",
  noToolConfig: () =>
    'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
  unanswered: (path: BodyPath, ids: readonly string[]) =>
    `Expected toolResult blocks at ${dotted(path)} for the following Ids: ${ids.join(', ')}`,
  tooManyResults: (path: BodyPath) =>
    `The number of toolResult blocks at ${dotted(path)} exceeds the number of toolUse blocks of previous turn.`,
  additionalField: (name: string) => `The additional field ${name} conflicts with an existing field.`,
  unsupported: (path: BodyPath) =>
    `This model doesn't support the ${dotted(path)} field. Remove ${dotted(path)} and try again.`,
  startsWithUser: () =>
    'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
} as const

/** Inferred texts, in the style of the others. */
export const inferredTexts = {
  noJson: () => 'The request body is not valid JSON.',
  severalMembers: (path: BodyPath, owner: string, members: readonly string[]) =>
    `${owner} object at ${dotted(path)} can only set one of the following keys: ${members.join(', ')}.`,
  documentFormat: (path: BodyPath, format: string) =>
    `This model doesn't support the document format ${format} at ${dotted(path)}. Provide the document in a supported format and try again.`,
  notText: (path: BodyPath) =>
    `The document at ${dotted(path)} is not valid UTF-8 text. Check the document and try again.`,
  noLocation: (path: BodyPath) =>
    `The Citation object at ${dotted(path)} has no location. Add a location and try again.`,
  schemaText: (path: BodyPath) =>
    `The format of the value at ${dotted(path)} is invalid. Provide a JSON schema as a string and try again.`,
  responsePath: (path: BodyPath) =>
    `The value at ${dotted(path)} is not a JSON pointer. A pointer begins with a slash.`,
  betas: () =>
    'The value at additionalModelRequestFields.anthropic_beta is invalid. Provide a list of strings and try again.',
} as const

export function validation(message: string): ConverseProblem {
  return { type: 'ValidationException', message }
}

/**
 * A value that violates the service's model; these paths are one-based, with `member` for list elements. Bedrock prints the
 * value itself only for tools (aws-samples/remote-swe-agents pull request 457), because messages are sensitive.
 */
export function constraint(path: BodyPath, rule: string, value?: string): ConverseProblem {
  const place = path.map((step) => (typeof step === 'number' ? `${step + 1}.member` : step)).join('.')
  const shown =
    value !== undefined && path[0] === 'toolConfig' ? `Value '${value.slice(0, maxEcho)}'` : 'Value'
  return validation(
    `1 validation error detected: ${shown} at '${place}' failed to satisfy constraint: ${rule}`,
  )
}

/** The maximum length of a client's value in an error message. */
const maxEcho = 100

export function dotted(path: BodyPath): string {
  return path.join('.')
}
