import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

public class Batch {
  /** Profile by region of the caller. */
  private static final Map<String, String> PROFILES =
      Map.of(
          "us-east-1", "us.anthropic.claude-3-haiku-20240307-v1:0",
          "eu-west-1", "eu.anthropic.claude-3-haiku-20240307-v1:0");

  public static void main(String[] args) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    for (String region : List.of("us-east-1", "eu-west-1")) {
      String id = URLEncoder.encode(PROFILES.get(region), StandardCharsets.UTF_8);
      String body =
          "{\"inferenceConfig\": {\"maxTokens\": 1000, \"temperature\": 0.2},"
              + " \"messages\": [{\"role\": \"user\", \"content\": [{\"text\": \"Hello\"}]}]}";
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(System.getenv("ANTHROPIC_BASE_URL") + "/model/" + id + "/converse"))
              .header("content-type", "application/json")
              .header("authorization", "Bearer test")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) throw new IllegalStateException(response.body());
    }
  }
}
