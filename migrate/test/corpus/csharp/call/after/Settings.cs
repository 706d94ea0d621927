namespace Example;

public class ClaudeSettings
{
    public string Model { get; set; } = "claude-sonnet-5-5";
    public string Deployment { get; set; } = "claude-sonnet-45-2";
}

public static class Client
{
    public static Task<Message> Ask(AnthropicClient client, string question) =>
        client.Messages.Create(new MessageCreateParams
        {
            Model = Model.ClaudeSonnet5_5,
            MaxTokens = 16000,
            Thinking = new ThinkingConfigAdaptive(),
            Messages = [new() { Role = Role.User, Content = question }],
        });

    public static int MaxTokens(string model) => model switch
    {
        "claude-3-opus-20240229" => 4096,
        var name when name.StartsWith("claude-3-5") => 8192,
        _ => 64000,
    };
}
