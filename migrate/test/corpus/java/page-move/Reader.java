import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Reads a page and asks about it, with thinking. */
public class Reader {
  static final String BODY =
      "{\"model\": \"claude-3-7-sonnet-20250219\","
          + " \"max_tokens\": 100000,"
          + " \"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 8000},"
          + " \"stream\": true,"
          + " \"messages\": [{\"role\": \"user\", \"content\": \"What is on this page?\"}]}";

  public static void main(String[] args) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(System.getenv("ANTHROPIC_BASE_URL") + "/v1/messages"))
            .header("content-type", "application/json")
            .header("x-api-key", "sk-ant-test")
            .header("anthropic-version", "2023-06-01")
            .header("anthropic-beta", "output-128k-2025-02-19")
            .POST(HttpRequest.BodyPublishers.ofString(BODY))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) throw new IllegalStateException(response.body());
    System.out.println(response.body().length());
  }
}
