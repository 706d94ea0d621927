package llm

// Default is the model of the library.
const Default = "claude-3-5-sonnet-20241022"
