import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Answers tickets. The model can be set with the property bot.model. */
public class TicketBot {
  private static final String MODEL = System.getProperty("bot.model", "claude-opus-4-20250514");
  private static final HttpClient http = HttpClient.newHttpClient();

  record Ticket(String subject, String body) {}

  static String answer(Ticket ticket) throws IOException, InterruptedException {
    String body =
        """
        {
          "model": "%s",
          "max_tokens": 8192,
          "messages": [{"role": "user", "content": "%s: %s"}]
        }
        """
            .formatted(MODEL, ticket.subject(), ticket.body());
    return post(body);
  }

  static String priority(Ticket ticket) throws IOException, InterruptedException {
    String body =
        """
        {
          "model": "claude-3-5-haiku-20241022",
          "max_tokens": 8192,
          "temperature": 0,
          "messages": [{"role": "user", "content": "Priority, 1 to 5: %s"}]
        }
        """
            .formatted(ticket.subject());
    return post(body);
  }

  private static String post(String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(System.getenv("ANTHROPIC_BASE_URL") + "/v1/messages"))
            .header("content-type", "application/json")
            .header("x-api-key", "sk-ant-test")
            .header("anthropic-version", "2023-06-01")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) throw new IOException(response.body());
    return response.body();
  }

  public static void main(String[] args) throws Exception {
    Ticket ticket = new Ticket("Brakes", "They squeak.");
    System.out.println(answer(ticket).length() + priority(ticket).length());
  }
}
