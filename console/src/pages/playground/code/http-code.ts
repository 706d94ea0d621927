import type { CodeRequest } from './code-request.ts'
import { printJavaText } from './literals.ts'

/** Code that sends the request over plain HTTP, so that every member of the body arrives as it stands. */

/** No line of printed JSON is the word that ends the document. */
export function printCurlCode({ http, secretName, isStreamed }: CodeRequest): string {
  const [name, prefix] = http.secretHeader
  const headers = [
    `-H "${name}: ${prefix}$${secretName}"`,
    ...http.headers.map(([header, value]) => `-H '${header}: ${value}'`),
  ]
  return `curl ${isStreamed ? '-N ' : ''}'${http.url}' \\
${headers.map((header) => `  ${header} \\\n`).join('')}  --data-binary @- <<'JSON'
${JSON.stringify(http.body, null, 2)}
JSON
`
}

export function printJavaHttp({ http, secretName }: CodeRequest): string {
  const [name, prefix] = http.secretHeader
  const headers = [
    `    .header("${name}", ${prefix === '' ? '' : `"${prefix}" + `}System.getenv("${secretName}"))`,
    ...http.headers.map(([header, value]) => `    .header("${header}", "${value}")`),
  ]
  return `import java.net.URI;
import java.net.http.*;

var body = ${printJavaText(http.body)};
var request = HttpRequest.newBuilder(URI.create("${http.url}"))
${headers.join('\n')}
    .POST(HttpRequest.BodyPublishers.ofString(body))
    .build();
var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
response.body().forEach(System.out::println);
`
}

export function printCsharpHttp({ http, secretName }: CodeRequest): string {
  const [name, prefix] = http.secretHeader
  const headers = [
    `request.Headers.Add("${name}", ${prefix === '' ? '' : `"${prefix}" + `}Environment.GetEnvironmentVariable("${secretName}"));`,
    ...http.headers
      .filter(([header]) => header !== 'content-type')
      .map(([header, value]) => `request.Headers.Add("${header}", "${value}");`),
  ]
  return `using System.Text;

var body = """
${JSON.stringify(http.body, null, 2)}
""";
using var client = new HttpClient();
using var request = new HttpRequestMessage(HttpMethod.Post, "${http.url}");
${headers.join('\n')}
request.Content = new StringContent(body, Encoding.UTF8, "application/json");
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
await response.Content.CopyToAsync(Console.OpenStandardOutput());
`
}

/** Without an option curl prints the answer as it arrives. */
export function printPhpHttp({ http, secretName }: CodeRequest): string {
  const [name, prefix] = http.secretHeader
  const headers = [
    `    '${name}: ${prefix}' . getenv('${secretName}'),`,
    ...http.headers.map(([header, value]) => `    '${header}: ${value}',`),
  ]
  return `<?php
$body = <<<'JSON'
${JSON.stringify(http.body, null, 2)}
JSON;
$curl = curl_init('${http.url}');
curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
curl_setopt($curl, CURLOPT_HTTPHEADER, [
${headers.join('\n')}
]);
curl_exec($curl);
`
}
