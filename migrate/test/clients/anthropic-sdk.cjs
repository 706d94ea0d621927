// A small client with the calls of Anthropic's SDK that the programs use; it sends real requests.
class Anthropic {
  constructor({ defaultHeaders = {} } = {}) {
    const send = (body) => this.#send(body, defaultHeaders)
    this.messages = { create: send, stream: send }
    this.beta = { messages: this.messages }
  }

  async #send({ betas = [], ...body }, headers) {
    const response = await fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'sk-ant-test',
        'anthropic-version': '2023-06-01',
        ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
        ...headers,
      },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    return { content: [], ...answer }
  }
}

module.exports = Anthropic
module.exports.default = Anthropic
