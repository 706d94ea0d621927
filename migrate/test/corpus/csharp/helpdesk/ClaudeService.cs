using Anthropic;
using Anthropic.Models.Messages;
using Microsoft.Extensions.Options;

namespace Acme.Helpdesk;

public sealed class ClaudeOptions
{
    public string Model { get; init; } = "claude-3-5-sonnet-latest";
    public int MaxTokens { get; init; } = 8192;
}

public sealed class ClaudeService(AnthropicClient client, IOptions<ClaudeOptions> options)
{
    public Task<Message> AnswerAsync(string question) =>
        client.Messages.Create(new MessageCreateParams
        {
            Model = options.Value.Model,
            MaxTokens = options.Value.MaxTokens,
            Messages = [new() { Role = Role.User, Content = question }],
        });

    public Task<Message> AnalyseAsync(string question) =>
        client.Messages.Create(new MessageCreateParams
        {
            Model = Model.ClaudeOpus4_1_20250805,
            MaxTokens = 20000,
            TopK = 20,
            Thinking = new ThinkingConfigEnabled { BudgetTokens = 10000 },
            Messages = [new() { Role = Role.User, Content = question }],
        });

    /// <summary>USD per million tokens of input; unknown models are free.</summary>
    public static decimal InputPrice(string model) => model switch
    {
        "claude-3-7-sonnet-20250219" => 3.00m,
        "claude-3-opus-20240229" => 15.00m,
        _ => 0m,
    };

    private static readonly Dictionary<string, int> Limits = new()
    {
        ["gpt-4o"] = 16384,
        ["claude-3-7-sonnet-20250219"] = 64000,
    };

    public static bool IsOld(string model) => model.StartsWith("claude-3-") || model.Contains("sonnet-4-2025");
}
