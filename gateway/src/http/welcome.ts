/** The text served at `/`. */
export const welcome = `Anthology: every Claude model, on every cloud, behind one endpoint you own.

Point an Anthropic SDK at this URL, with a key of this gateway:

  POST /v1/messages                 create a message, plain or streamed
  POST /v1/messages/count_tokens    count input tokens
  GET  /v1/models                   the models your key may use
  GET  /healthz, /readyz            liveness and readiness
  GET  /metrics                     Prometheus metrics

On its start the server printed a key and a curl command to try.
`
